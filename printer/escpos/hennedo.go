package escpos

import (
	"bytes"

	"github.com/hennedo/escpos"
)

// A wire is the one place where bytes are written, through github.com/hennedo/escpos.
//
// Only those of its calls are used that send what the protocol asks for. Everything else goes through WriteRaw, which
// passes bytes on untouched: its text calls send 21 style bytes each and let control characters through, and its
// sizes, bar code width, QR level, image and NV calls send wrong bytes (hennedo_test.go shows each).
type wire struct {
	lib  *escpos.Escpos
	sent bytes.Buffer
	row  []byte // not yet handed to lib: bytes of the row at work
}

func newWire() *wire {
	w := &wire{row: make([]byte, 0, 512)}
	w.lib = escpos.New(&w.sent)
	return w
}

// The sink is memory, so none of the library's calls can fail.

// flush hands the collected bytes to the library.
func (w *wire) flush() {
	if len(w.row) > 0 {
		_, _ = w.lib.WriteRaw(w.row)
		w.row = w.row[:0]
	}
}

// initialize sends ESC @: settings to default, automatic status off, print buffer cleared (Epson programming guide).
func (w *wire) initialize() {
	w.flush()
	_, _ = w.lib.Initialize()
}

// feedLines sends ESC d n: prints what is in the line and feeds n line pitches.
func (w *wire) feedLines(n int) {
	w.flush()
	_, _ = w.lib.LineFeedD(uint8(n))
}

// linePitch sends ESC 3 n, in vertical motion units of the model.
func (w *wire) linePitch(units int) {
	w.flush()
	_, _ = w.lib.LineSpacing(uint8(units))
}

// defaultPitch sends ESC 2.
func (w *wire) defaultPitch() {
	w.flush()
	_, _ = w.lib.DefaultLineSpacing()
}

// barHeight sends GS h n; n is 1 to 255 dots.
func (w *wire) barHeight(dots int) {
	w.flush()
	_, _ = w.lib.BarcodeHeight(uint8(min(max(dots, 1), 255)))
}

// hri sends GS H n: 0 no text with a bar code, 2 below it.
func (w *wire) hri(position uint8) {
	w.flush()
	_, _ = w.lib.HRIPosition(position)
}

// take returns all bytes written so far as a new slice and empties the wire.
func (w *wire) take() []byte {
	w.flush()
	_ = w.lib.Print()
	out := bytes.Clone(w.sent.Bytes())
	w.sent.Reset()
	return out
}
