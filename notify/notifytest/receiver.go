// Package notifytest is for tests only: a real receiver of notices in the form "json", which checks each signature, keeps what it was
// told, and fails in the ways that receivers do.
package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/api"
)

// A Fate is what becomes of one request.
type Fate int

// The fates of a request. A message that is taken, held or lost counts as heard; one that fails or is sent elsewhere does not.
const (
	Taken  Fate = iota
	Failed      // 500
	Sent        // elsewhere, by a redirect to a path below the own one: whoever follows it comes without a signature
	Lost        // it is heard, and the connection closes without an answer
)

// A Notice is one, with its words.
type Notice struct {
	api.Notice
	Text string `json:"text"`
}

// A Message is what came in one request.
type Message struct {
	ID      string
	Body    []byte
	Notices []Notice
	More    int // notices that were only counted
}

// key is shared with whoever signs.
var key = []byte("a key that only tests have 0123")

// Secret is what the configuration says.
func Secret() string { return "whsec_" + base64.StdEncoding.EncodeToString(key) }

// A Receiver is one real HTTP server.
type Receiver struct {
	URL string // with its path
	CA  []byte // of an encrypted one, in PEM

	path string
	fate func(n int) Fate

	mu    sync.Mutex // guards what follows
	hold  bool
	tries int
	heard []Message
	wrong []string
}

// New starts a receiver at a path; it ends with the test. fate says what becomes of the nth request, from 1.
func New(t testing.TB, encrypted bool, path string, fate func(n int) Fate) *Receiver {
	t.Helper()
	r := &Receiver{path: path, fate: fate}
	s := httptest.NewUnstartedServer(r)
	if encrypted {
		s.StartTLS()
		r.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	r.URL = s.URL + path
	return r
}

// ServeHTTP takes a message.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // its sender was killed before the end: nothing was told
	}
	fate, hold := r.take(req.Header, body)
	switch fate {
	case Failed:
		w.WriteHeader(http.StatusInternalServerError)
	case Sent:
		http.Redirect(w, req, r.path+"/elsewhere", http.StatusFound)
	case Lost:
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			c.Close()
		}
	default:
		if hold {
			<-req.Context().Done() // until the sender is gone
		}
	}
}

// take notes a message, and gives what becomes of its request.
func (r *Receiver) take(h http.Header, body []byte) (fate Fate, hold bool) {
	m := Message{ID: h.Get("webhook-id"), Body: body}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", m.ID, h.Get("webhook-timestamp"), body)
	var data struct {
		Data struct {
			Notices []Notice `json:"notices"`
			More    int      `json:"more"`
		} `json:"data"`
	}
	err := json.Unmarshal(body, &data)
	m.Notices, m.More = data.Data.Notices, data.Data.More

	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	fate = r.fate(r.tries)
	switch {
	case h.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)):
		r.wrong = append(r.wrong, "the signature of "+string(body))
	case err != nil:
		r.wrong = append(r.wrong, err.Error()+": "+string(body))
	case fate == Taken || fate == Lost:
		r.heard = append(r.heard, m)
	}
	return fate, r.hold
}

// Hold leaves what is taken unanswered from now on, or no longer.
func (r *Receiver) Hold(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold = on
}

// Heard are the messages so far.
func (r *Receiver) Heard() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.heard)
}

// Tries counts the requests so far.
func (r *Receiver) Tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries
}

// Wrong is what no receiver should ever see.
func (r *Receiver) Wrong() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.wrong)
}
