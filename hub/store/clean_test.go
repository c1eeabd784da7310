package store_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
)

// TestNothingStrangeIsStored: a shop that tells what it must not is not believed: card numbers, control characters and long texts in any
// member of any message do not reach the file.
func TestNothingStrangeIsStored(t *testing.T) {
	pan, secret := "4"+strings.Repeat("1", 15), "a secret that stands in a member which nobody knows"
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := `{"seq":1,"prev":0,"birth":"b","type":"copy","copy_id":"c1","outcome":"` + pan + `","job_id":"` + pan + `","copy":"` + pan + `","station":"x` + pan + `","printer":"\u0000\u001b[2J` + pan + `","reason":"` + pan + `",
		"proof":"` + pan + `","mark":"` + pan + `","state":"` + pan + `","request":"` + pan + `","extra":"` + secret + `","pan":"` + pan + `"}`
	var e wire.Event
	var st wire.State
	var r wire.Reply
	for _, x := range []struct {
		text string
		to   any
	}{{text, &e}, {`{"online":true,"birth":"` + pan + `","version":"` + pan + `","why":"` + pan + `","extra":"` + secret + `","printers":[{"name":"` + pan + `","state":"` + pan + `","tier":"` + pan + `","reason":"` + pan + `"}]}`, &st},
		{`{"cmd_id":"k","ok":false,"extra":"` + secret + `","problem":{"code":"` + pan + `","message":{"zh":"` + pan + `","en":"` + strings.Repeat("long ", 1000) + `"},"fix":{"zh":"` + pan + `"}},"found":[{"job_id":"` + pan + `","voucher_no":"` + pan + `","currency":"` + pan + `"}]}`, &r}} {
		if err := json.Unmarshal([]byte(x.text), x.to); err != nil {
			t.Fatal(err)
		}
	}
	batch := []store.Heard{{Shop: "shop-1", Event: &e}, {Shop: "shop-1", State: &st}, {Shop: "shop-1", Reply: &r}}
	if _, err := s.Take(t.Context(), batch[:2]); err != nil {
		t.Fatal(err)
	}
	if err := s.Ask(t.Context(), "shop-1", wire.Command{CmdID: "k", Cmd: wire.CmdStatus}, "", wire.CommandExpiry); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), batch[2:]); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Command(t.Context(), "k"); err != nil || c.Reply == nil || len(c.Reply.Problem.Message.En) > 500 {
		t.Errorf("%+v %v", c, err)
	}
	if lines, err := s.Events(t.Context(), 0, "", 10); err != nil || len(lines) != 1 || strings.ContainsAny(lines[0].Event.Printer, "\x00\x1b") {
		t.Errorf("%+v %v", lines, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, store.File))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{pan, "secret", pan[:13]} {
		if bytes.Contains(data, []byte(x)) {
			t.Errorf("the store holds %q", x)
		}
	}
}
