package web

import (
	"net/http"
	"net/url"
	"strings"
)

func choiceRoutes(paired register) {
	paired("POST /choose/shift", chooseShift)
	paired("POST /choose/terminal", chooseTerminal)
	paired("POST /choose/language", chooseLanguage)
}

// backOf gives the page that a form wants to come back to: always a path of this site.
func backOf(r *http.Request) string {
	back := r.PostFormValue("back")
	control := func(r rune) bool { return r < 0x20 || r == 0x7f } // browsers drop a tab, and /<tab>/host is //host
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") ||
		strings.Contains(back, "\\") || strings.ContainsFunc(back, control) {
		return "/"
	}
	return back
}

func chooseLanguage(w http.ResponseWriter, r *http.Request) {
	lang := "zh"
	if r.PostFormValue("lang") == "en" {
		lang = "en"
	}
	choose(w, langCookie, lang)
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}

func chooseShift(w http.ResponseWriter, r *http.Request) {
	choose(w, operatorCookie, operatorOf(r.PostFormValue("operator_no")))
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}

func chooseTerminal(w http.ResponseWriter, r *http.Request) {
	choose(w, terminalCookie, r.PostFormValue("terminal_no"))
	http.Redirect(w, r, backOf(r), http.StatusSeeOther)
}
