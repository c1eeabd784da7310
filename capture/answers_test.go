package capture

import (
	"testing"

	"github.com/receiptd/receiptd/printer/profile"
)

// A program that asks who the printer is hears what the device said when it was probed, else what its profile says.
func TestIdentity(t *testing.T) {
	p, err := profile.Load("epson-tm-t88")
	if err != nil {
		t.Fatal(err)
	}
	own := Said{Firmware: "30.11 ESC/POS", Maker: "EPSON", Model: "TM-T88VI", HasIDs: true, IDs: [3]byte{0x20, 0x02, 0x0B}}
	for name, c := range map[string]struct {
		said Said
		want map[byte]string
	}{
		"probed":      {own, map[byte]string{1: "\x20", 2: "\x02", 3: "\x0b", 49: "\x20", 50: "\x02", 51: "\x0b", 65: "_30.11 ESC/POS\x00", 66: "_EPSON\x00", 67: "_TM-T88VI\x00", 68: "", 112: ""}},
		"not probed":  {Said{}, map[byte]string{1: "\x20", 3: "\x01", 51: "\x01", 65: "_receiptd\x00", 66: "_EPSON\x00", 67: "_EPSON-TM-T88\x00", 68: "", 112: ""}},
		"partly told": {Said{Model: "TM-T88VI"}, map[byte]string{1: "\x20", 65: "_receiptd\x00", 66: "_EPSON\x00", 67: "_TM-T88VI\x00", 68: ""}},
	} {
		t.Run(name, func(t *testing.T) {
			for n, want := range c.want {
				if got := string(identity(c.said, p, n)); got != want {
					t.Errorf("GS I %d: %q, want %q", n, got, want)
				}
			}
		})
	}
}
