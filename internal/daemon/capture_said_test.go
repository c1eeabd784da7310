package daemon_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestCapturedIdentity: once the printer was probed a program that asks who it is hears the printer's own answer.
func TestCapturedIdentity(t *testing.T) {
	t.Parallel()
	s, addr := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front"), fleettest.FreeAddr(t)
	page, model := s.listenPage(), s.printers["front"].Model()
	s.write(captureSection("till", addr, ""), "front")
	s.start()
	hears := func(question, want string) {
		t.Helper()
		c := dialled(t, addr)
		defer c.Close()
		if _, err := io.WriteString(c, question); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v, want %q", question, got, err, want)
		}
	}
	hears("\x1dI\x43", "_GENERIC-80\x00")
	token, err := os.ReadFile(filepath.Join(s.dir, "data", "token"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+page+"/v1/printers/front/probe", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := http.DefaultClient.Do(req)
	if said := bodyOf(t, resp, err); !strings.Contains(said, `"result"`) {
		t.Fatal(said)
	}
	hears("\x1dI\x42", "_"+model.Maker+"\x00")
	hears("\x1dI\x43", "_"+model.Product+"\x00")
	hears("\x1dI\x41", "_1.00 ESC/POS\x00")
	kept, err := os.ReadFile(filepath.Join(s.dir, "data", "tiers.json"))
	if err != nil || !strings.Contains(string(kept), model.Product) || strings.Contains(string(kept), model.Serial) {
		t.Errorf("kept: %s, %v", kept, err)
	}
}
