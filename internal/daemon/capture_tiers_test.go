package daemon_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestCapturedTiers: what a program hears whose printer proves less. GS ( H has no answer, GS r has one when the slip is out as far as the
// printer can tell, and neither holds up what is asked after it. A program that then gives up waiting and prints once more gets no second
// copy that passes for the first.
func TestCapturedTiers(t *testing.T) {
	for proof, less := range map[string]func(m *virtual.Model){
		"B": func(m *virtual.Model) { m.NoGSH = true },
		"C": func(m *virtual.Model) { m.NoGSH, m.NoGSR, m.NoClear = true, true, true },
		"D": func(m *virtual.Model) { m.Mute = true },
	} {
		t.Run(proof, func(t *testing.T) {
			t.Parallel()
			m, err := virtual.ModelByName("generic-80")
			if err != nil {
				t.Fatal(err)
			}
			less(&m)
			s, addr := newTestShop(t, virtual.Options{Custom: &m, Speed: virtual.Max}, "front"), fleettest.FreeAddr(t)
			s.write("[shop]\nlocale=\"en\"\n"+captureSection("till", addr, ""), "front")
			cfg, err := os.ReadFile(s.config)
			if err != nil {
				t.Fatal(err)
			}
			s.put(strings.Replace(string(cfg), `proof="A"`, fmt.Sprintf("proof=%q", proof), 1))
			s.start()
			first := fmt.Sprintf(slip, "no 1")
			c := dialled(t, addr)
			defer c.Close()
			ask := func(sent, want string) {
				t.Helper()
				if _, err := io.WriteString(c, sent); err != nil {
					t.Fatal(err)
				}
				got := make([]byte, len(want))
				if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
					t.Fatalf("%q: % x, %v, want % x\n%s", sent, got, err, want, tailOf(s.log.String()))
				}
			}
			ask(first+"\x1d(H\x06\x0000abcd\x1dr\x01", "\x00") // in their order: an id would come first
			if n := len(s.pieces(1)); n != 1 {
				t.Errorf("%d pieces", n)
			}
			if proof != "D" {
				ask("\x10\x04\x01", "\x16")
				ask("\x10\x04\x04", "\x12")
			}
			ask("\x1d(H\x06\x0000efgh\x1dr\x01", "\x00")
			if err := prints(t, addr, []byte(first)); err != nil { // its time-out is over
				t.Fatal(err)
			}
			if p := s.pieces(2)[1]; !p.Contains("POSSIBLE DUPLICATE") || !p.Contains("no 1") {
				t.Errorf("the second:\n%s", p.Text())
			}
			if proof == "D" { // nothing tells that its paper is out
				return
			}
			s.set("front", virtual.Change{Paper: "out"})
			other := fmt.Sprintf(slip, "no 2")
			ask(other+"\x1d(H\x06\x0000ijkl\x1dr\x01", "")
			for range 2 { // it waits in vain, and prints again each time
				if err := prints(t, addr, []byte(other)); err != nil {
					t.Fatal(err)
				}
			}
			s.set("front", virtual.Change{Paper: "ok"})
			ask("", "\x00")
			ask("\x1dr\x01", "\x00")
			if list := s.pieces(3); len(list) != 3 || !list[2].Contains("no 2") || list[2].Contains("DUPLICATE") {
				t.Errorf("%d pieces, the last\n%s", len(list), list[len(list)-1].Text())
			}
		})
	}
}
