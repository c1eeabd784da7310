package capture

import (
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
)

// Job makes a job of what a program sent: what a person reads of it in blocks, and the stream for the printer where the card guard finds
// nothing in the text, and the facts that find reads off it; nil: none. It is rejected only where nothing of it can be kept.
func Job(p job.Parser, name, id, printer string, at time.Time, s stream.Slip, find func(lines []string) *job.Lifted) job.Result {
	return p.Captured(job.Job{ID: id, CreatedAt: at, Printer: printer}, job.Capture{Name: name, Stream: whole(s), Unseen: unseen(s.Lines)}, blocks(s.Lines), find)
}

// unseen gives all that stands in a slip's stream, in its order, where a part of it is not seen on the paper: card data in that may not stay
// either.
func unseen(lines []stream.Line) []string {
	if !slices.ContainsFunc(lines, func(l stream.Line) bool { return l.Kind == stream.Unseen }) {
		return nil
	}
	var all []string
	for _, l := range lines {
		all = append(all, readable(l.Text))
	}
	return all
}

// whole gives a slip's stream with its last line ended: what a printer has of a line would hang in it until more comes.
func whole(s stream.Slip) []byte {
	if s.Open {
		return append(s.Stream[:len(s.Stream):len(s.Stream)], '\n')
	}
	return s.Stream
}

const (
	maxBlocks = 900  // the schema allows 1000; a text that does not fit is refused with its block, so that nothing goes unread by the guard
	maxText   = 7000 // bytes of a block, the schema allows 8000 characters
)

// blocks gives the lines of a slip as blocks of a document: lines that look alike are one text. Blank lines look like what follows them; no
// block is without text, which the schema refuses.
func blocks(lines []stream.Line) []job.Block {
	var out []job.Block
	for i, l := range lines {
		if l.Kind == stream.Unseen {
			continue
		}
		if l.Kind == stream.CutLine {
			if i < len(lines)-1 {
				out = append(out, job.Block{Type: job.BlockCut})
			}
			continue
		}
		text := readable(l.Text)
		look := job.Block{Type: job.BlockText, Align: [...]string{"left", "center", "right"}[l.Align], Bold: l.Bold, Scale: min(max(l.Scale, 1), 6)}
		if n := len(out) - 1; n >= 0 && out[n].Type == job.BlockText {
			last := &out[n]
			same := last.Align == look.Align && last.Bold == look.Bold && last.Scale == look.Scale
			if !same && strings.Trim(last.Text, "\n") == "" && len(out) < maxBlocks {
				look.Text = last.Text
				*last, same = look, true
			}
			if (same || l.Kind == stream.Feed) && len(last.Text)+len(text) < maxText || len(out) >= maxBlocks {
				last.Text += "\n" + text
				continue
			}
		}
		look.Text = text
		out = append(out, look)
	}
	return slices.DeleteFunc(out, func(b job.Block) bool { return b.Type == job.BlockText && b.Text == "" })
}

// readable leaves out what no document may hold. A character that could not be read is a question mark.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\uFFFD':
			return '?'
		case r < 0x20 || r == 0x7F:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
