package web

import (
	"net/http"
	"net/url"
	"strings"
)

// Names of the cookies that hold a browser's choices; none of them is a secret.
const (
	langCookie     = "receiptd-lang"
	operatorCookie = "receiptd-operator"
	terminalCookie = "receiptd-terminal"
)

// choice reads a cookie that a form of ours set.
func choice(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	text, err := url.QueryUnescape(c.Value)
	if err != nil || len(text) > 80 {
		return ""
	}
	return text
}

func choose(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: url.QueryEscape(value), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600})
}

// operatorMax is shorter than a card number, so that none can be typed here.
const operatorMax = 12

// operatorOf gives an operator's number as it may be kept.
func operatorOf(text string) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > operatorMax {
		return string(r[:operatorMax])
	}
	return text
}

// who is the operator on shift in this browser.
func who(r *http.Request) string { return operatorOf(choice(r, operatorCookie)) }
