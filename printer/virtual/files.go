package virtual

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// rollPieces is how many of the latest pieces a roll picture shows, rollDots how long it may get.
const (
	rollPieces = 12
	rollDots   = 30_000
)

// startDelivery reports whether the goroutine that hands pieces on must be started.
func (g *pieceLog) startDelivery() bool {
	if g.handing || len(g.due) == 0 {
		return false
	}
	g.handing = true
	return true
}

// deliver hands finished pieces on until there are none left.
func (g *pieceLog) deliver(p *Printer) {
	for {
		p.mu.Lock()
		due := g.due
		g.due = nil
		if len(due) == 0 {
			g.handing = false
			if g.idle != nil {
				close(g.idle)
				g.idle = nil
			}
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		for _, c := range due {
			if g.dir != "" {
				p.save(c)
			}
			if g.callback != nil {
				g.callback(c)
			}
		}
		if g.dir != "" {
			var b bytes.Buffer
			if p.Roll(&b) == nil {
				p.fileError(writeFile(filepath.Join(g.dir, "roll.png"), b.Bytes()))
			}
		}
	}
}

// Flush waits until every finished piece has been written to PaperDir and given to OnPiece. It returns the first error of
// writing a file since the last Flush.
func (p *Printer) Flush(ctx context.Context) error {
	for {
		p.mu.Lock()
		g := &p.pieces
		if !g.handing && len(g.due) == 0 {
			err := g.err
			g.err = nil
			p.mu.Unlock()
			return err
		}
		if g.idle == nil {
			g.idle = make(chan struct{})
		}
		idle := g.idle
		p.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// save writes one piece as picture and text.
func (p *Printer) save(c Piece) {
	var b bytes.Buffer
	if err := c.PNG(&b); err != nil {
		p.fileError(err)
		return
	}
	base := filepath.Join(p.pieces.dir, fmt.Sprintf("piece-%d", c.N))
	p.fileError(writeFile(base+".png", b.Bytes()))
	p.fileError(writeFile(base+".txt", []byte(c.Text()+"\n")))
}

func (p *Printer) fileError(err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pieces.err == nil {
		p.pieces.err = err
	}
}

// writeFile replaces a file in one step, so that whoever looks sees a whole picture.
// Its name until then cannot be foreseen: nobody can have put a link there.
func writeFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".piece-*.tmp")
	if err != nil {
		return fmt.Errorf("write paper %s: %w", path, err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write paper %s: %w", path, err)
	}
	return nil
}

// Roll writes a PNG of the latest pieces below each other, newest last, with a dashed line where the cutter went.
func (p *Printer) Roll(w io.Writer) error {
	all := p.Pieces()
	all = append(all[max(0, len(all)-rollPieces):], p.Hanging())
	h := 0
	first := len(all)
	for first > 0 && h+all[first-1].DotsHigh <= rollDots {
		first--
		h += all[first].DotsHigh + 8
	}
	m := newBitmap(p.model.Dots, max(h, 1))
	y := 0
	for _, c := range all[first:] {
		if c.DotsHigh > 0 {
			b := c.bitmap()
			m.blit(b.bits, b.stride, 0, y, b.w, b.h, 1, 1)
		}
		y += c.DotsHigh
		for x := range m.w {
			if x/12%2 == 0 {
				m.set(x, y+3)
				m.set(x, y+4)
			}
		}
		y += 8
	}
	return m.png(w)
}
