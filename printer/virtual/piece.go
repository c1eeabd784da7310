package virtual

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"io"
	"strings"
	"sync"
)

// A Piece is a strip of paper that lies on the counter. Its picture is drawn when somebody asks for it.
type Piece struct {
	N        int // from 1, in the order in which pieces came off
	Cut      bool
	Partial  bool // the cutter left a bridge
	Torn     bool // ended by a hand or by the end of a roll, not by the cutter
	DotsHigh int
	// Garbage: bytes on it made no sense to the printer.
	Garbage bool
	// Interrupted: a power cut or a clear took data that belonged to it.
	Interrupted bool

	strip *strip
	width int
}

// strip holds the drawing steps of one piece.
type strip struct {
	top, bottom int
	items       []item

	textOnce, sumOnce sync.Once
	words, sum        string
}

// Text is what a person reads on the piece, line by line: columns are kept, bar codes read [CODE128 data], QR codes
// [QR data], pictures [image WxH], logos [NV logo n]; characters that the printer does not know are U+FFFD.
func (c Piece) Text() string {
	c.strip.textOnce.Do(func() { c.strip.words = c.strip.text() })
	return c.strip.words
}

// Contains reports whether Text holds s.
func (c Piece) Contains(s string) bool { return strings.Contains(c.Text(), s) }

// Image draws the piece: black and white, as wide as the print head.
func (c Piece) Image() *image.Paletted { return c.bitmap().image() }

// PNG writes the piece as a PNG file.
func (c Piece) PNG(w io.Writer) error { return c.bitmap().png(w) }

// SHA256 is the hash of the piece's dots, in hexadecimal: of the rows from top to bottom, packed eight dots to a byte.
func (c Piece) SHA256() string {
	c.strip.sumOnce.Do(func() {
		h := sha256.Sum256(c.bitmap().bits)
		c.strip.sum = hex.EncodeToString(h[:])
	})
	return c.strip.sum
}

func (c Piece) bitmap() *bitmap { return c.strip.draw(c.width) }

// MarshalJSON writes the piece as the control interface shows it.
func (c Piece) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		N           int    `json:"n"`
		Text        string `json:"text"`
		Cut         bool   `json:"cut"`
		DotsHigh    int    `json:"dots_high"`
		SHA256      string `json:"sha256"`
		Torn        bool   `json:"torn"`
		Garbage     bool   `json:"garbage"`
		Interrupted bool   `json:"interrupted"`
	}{c.N, c.Text(), c.Cut, c.DotsHigh, c.SHA256(), c.Torn, c.Garbage, c.Interrupted})
}

// pieceLog keeps finished pieces and hands them on.
type pieceLog struct {
	all      []Piece
	n        int
	width    int
	keep     int
	dir      string
	callback func(Piece)
	due      []Piece // not yet handed on
	handing  bool
	idle     chan struct{} // closed when nothing is due; nil: nobody waits
	err      error
}

// add takes a finished piece; one without paper is none.
func (g *pieceLog) add(c *Piece) {
	if c.DotsHigh == 0 {
		return
	}
	g.n++
	c.N, c.width = g.n, g.width
	if len(g.all) >= g.keep {
		g.all = append(g.all[:0], g.all[len(g.all)-g.keep+1:]...)
	}
	g.all = append(g.all, *c)
	if g.callback != nil || g.dir != "" {
		g.due = append(g.due, *c)
	}
}

// Pieces returns what lies on the counter, oldest first.
func (p *Printer) Pieces() []Piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Piece(nil), p.pieces.all...)
}

// Piece returns piece n; false when it does not exist or was forgotten.
func (p *Printer) Piece(n int) (Piece, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.pieces.all
	if len(all) == 0 || n < all[0].N || n > all[len(all)-1].N {
		return Piece{}, false
	}
	return all[n-all[0].N], true
}

// Hanging returns the paper that still hangs in the printer, as a piece with number 0. Its lower end is under the head.
func (p *Printer) Hanging() Piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.in.mech.paper.hanging()
	c := Piece{DotsHigh: s.bottom - s.top, Interrupted: p.in.mech.paper.broken, strip: s, width: p.model.Dots}
	for _, it := range s.items {
		c.Garbage = c.Garbage || it.garbage
	}
	return c
}
