package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/printer/virtual"
)

// Whoever looks at a changed configuration learns what of it is not in force yet.
func TestChangeWaitsForRestart(t *testing.T) {
	s := newShop(t, virtual.Options{Speed: virtual.Max}, `proof = "A"`)
	show := func(args ...string) string {
		t.Helper()
		out, err := s.command(append([]string{"config", "show"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	const word = "waits for a restart: journal"
	s.start()
	s.ready()
	if got := show(); strings.Contains(got, "waits") {
		t.Errorf("nothing was changed:\n%s", got)
	}
	old, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config, append(old, "[journal]\nretention_months = 12\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.await("config show to tell", func() bool { return strings.Contains(show(), word) })
	var shown struct {
		Waits []string `json:"waits_for_restart"`
	}
	if err := json.Unmarshal([]byte(show("--json")), &shown); err != nil || !slices.Equal(shown.Waits, []string{"journal"}) {
		t.Errorf("got %+v, %v", shown, err)
	}
	out, _ := s.command("doctor", "--json").Output() // its exit code tells of problems, not of warnings
	var list []doctor.Finding
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(list, func(f doctor.Finding) bool { return f.Check == "restart" && f.Subject == "[journal]" }) {
		t.Errorf("doctor says nothing: %+v", list)
	}
	if err := os.WriteFile(s.config, old, 0o600); err != nil {
		t.Fatal(err)
	}
	s.await("config show to be content", func() bool { return !strings.Contains(show(), "waits") })
	s.kill()
}
