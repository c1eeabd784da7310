package web

import (
	"net/http"

	"github.com/receiptd/receiptd/internal/httpd"
)

func choiceRoutes(paired register) {
	paired("POST /choose/shift", chooseShift)
	paired("POST /choose/terminal", chooseTerminal)
	paired("POST /choose/language", chooseLanguage)
}

func chooseLanguage(w http.ResponseWriter, r *http.Request) {
	lang := "zh"
	if r.PostFormValue("lang") == "en" {
		lang = "en"
	}
	choose(w, langCookie, lang)
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}

func chooseShift(w http.ResponseWriter, r *http.Request) {
	choose(w, operatorCookie, operatorOf(r.PostFormValue("operator_no")))
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}

func chooseTerminal(w http.ResponseWriter, r *http.Request) {
	choose(w, terminalCookie, r.PostFormValue("terminal_no"))
	http.Redirect(w, r, httpd.Back(r), http.StatusSeeOther)
}
