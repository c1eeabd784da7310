package main

import "testing"

// A mistyped word is asked about where one is near, and only there.
func TestNearby(t *testing.T) {
	a := &app{lang: "en"}
	known := []string{"--operator", "--printer", "--wait", "--json", "reprint", "printer", "job"}
	for word, want := range map[string]string{"--opertaor": "--operator", "--printr": "--printer", "--wiat": "--wait", "reprnit": "reprint", "jbo": "job", "Printer": "printer",
		"settle": "", "--colour": "", "x": "", "--": ""} {
		_, en := a.nearby(word, known)
		if want == "" && en != "" || want != "" && en != "; did you mean "+want+"?" {
			t.Errorf("%s: %q, want %q", word, en, want)
		}
	}
}
