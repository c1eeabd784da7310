package httpd

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/receiptd/receiptd/job"
)

// Bearer is the token of a request; program is false when it carries none.
func Bearer(r *http.Request) (token string, program bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// Same compares secrets, of which an empty one is none, in a time that tells nothing of them.
func Same(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// FormToken is what a page's form carries beside the cookie that holds the key.
func FormToken(key, purpose string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(purpose))
	return hex.EncodeToString(m.Sum(nil))
}

// Back gives the page that a form wants to come back to: always a path of this site.
func Back(r *http.Request) string {
	back := r.PostFormValue("back")
	control := func(r rune) bool { return r < 0x20 || r == 0x7f } // browsers drop a tab, and /<tab>/host is //host
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") ||
		strings.Contains(back, "\\") || strings.ContainsFunc(back, control) {
		return "/"
	}
	return back
}

// Reply answers with JSON.
func Reply(w http.ResponseWriter, status int, v any) {
	answer(w, status, "application/json; charset=utf-8", v)
}

// Fail answers with an RFC 9457 document with our code and both languages; there is at least one problem.
func Fail(w http.ResponseWriter, status int, problems ...job.Problem) {
	answer(w, status, "application/problem+json; charset=utf-8", struct {
		Type   string        `json:"type"`
		Title  string        `json:"title"`
		Status int           `json:"status"`
		Detail string        `json:"detail"`
		Errors []job.Problem `json:"errors"`
		job.Problem
	}{"about:blank", http.StatusText(status), status, problems[0].Message.En, problems, problems[0]})
}

func answer(w http.ResponseWriter, status int, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the reader has gone: nobody to tell
}
