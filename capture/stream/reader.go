package stream

import (
	"slices"
	"strings"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
)

// MaxSlip is how many bytes of a slip are kept where Options name no other bound: a picture as wide as the paper and 2.5 m long.
const MaxSlip = 256 << 10

// Options say for which printer a stream is meant.
type Options struct {
	Profile *profile.Profile // its fonts and code pages; nil: generic-80
	Max     int              // most bytes of one slip; 0: MaxSlip
	// AfterReset is put behind each ESC @ that is kept, for the sender's own settings, which a reset undoes.
	AfterReset string
}

// What says what a Reader met.
type What uint8

// What a Reader may meet. Each stands behind what it belongs to: bytes after it have not been looked at.
const (
	Nothing What = iota // all was read
	Asked               // a question: Bytes is the whole command
	Pulse               // a pulse for a drawer: Bytes is the whole command
	Cut                 // the paper is cut here; the command is part of the slip
	TooLong             // the slip, or one command, is longer than Options allow: it cannot be had any more
)

// An Event is what a Reader met.
type Event struct {
	What  What
	Bytes []byte
}

// A Slip is what was read between two calls of Take.
type Slip struct {
	Stream  []byte   // what goes to the printer; it begins with the settings that were in force
	Lines   []Line   // what a person reads
	Dots    int      // the paper is at least so long, without the feed of a last cut
	LastCut int      // where in Stream the cut begins behind which nothing moves paper; len(Stream) when there is none
	Open    bool     // the last line was not ended: a printer keeps it until more comes
	Half    bool     // it ends in the middle of a command or a character, which is left out
	Seen    bool     // there is anything to see
	Dropped []string // what was dropped, each once
}

// A Reader reads one connection. Not for concurrent use.
type Reader struct {
	max     int
	reset   string // see Options.AfterReset
	cmd     []byte // a command that has begun
	need    int    // so many bytes it has at least
	deaf    bool   // ESC = chose another device: this is not for the printer
	tooLong bool

	out     []byte
	start   int      // of the slip's own bytes in out: before it stand the settings that were in force
	cutAt   int      // where the latest cut begins in out, -1: paper was moved since
	dropped []string // names
	sets    settings
	text    text
}

// NewReader begins to read a connection: the printer is as after it was switched on.
func NewReader(o Options) *Reader {
	if o.Profile == nil {
		o.Profile, _ = profile.Load("generic-80") // it is built in
	}
	if o.Max == 0 {
		o.Max = MaxSlip
	}
	r := &Reader{max: o.Max, reset: o.AfterReset, cutAt: -1, text: newText(o.Profile)}
	return r
}

// Next reads b up to the first thing that its caller should know of, and gives how many bytes it read.
func (r *Reader) Next(b []byte) (int, Event) {
	used := 0
	for used < len(b) && !r.tooLong && !r.text.over {
		if len(r.cmd) == 0 {
			n, e := r.begin(b[used:])
			used += n
			if e.What != Nothing {
				return used, e
			}
			continue
		}
		n := min(r.need-len(r.cmd), len(b)-used)
		r.cmd = append(r.cmd, b[used:used+n]...)
		used += n
		if len(r.cmd) < r.need {
			break
		}
		if e := r.goOn(); e.What != Nothing {
			return used, e
		}
	}
	if r.tooLong || r.text.over {
		return len(b), Event{What: TooLong}
	}
	return used, Event{}
}

// begin takes what stands between commands, and gives how many bytes it took.
func (r *Reader) begin(b []byte) (int, Event) {
	c := b[0]
	switch {
	case r.text.amid() || c >= 0x20 && !r.deaf:
		return r.characters(b), Event{}
	case c == 0x10 || c >= 0x1B && c <= 0x1D:
		r.cmd, r.need = append(r.cmd[:0], c), 2
	case r.deaf || c == 0:
	case c == '\n':
		r.cutAt = -1
		r.keep(b[:1])
		r.text.lineFeed()
	case c == '\t' || c == '\r' || c == 0x0C || c == 0x18:
		r.keep(b[:1])
		r.text.control(c)
	default:
		r.drop("control " + hex(c))
	}
	return 1, Event{}
}

// characters takes text, and gives how many bytes it took.
func (r *Reader) characters(b []byte) int {
	for i := 0; i < len(b); {
		if !r.text.amid() && b[i] < 0x20 {
			return i
		}
		r.cutAt = -1
		whole, again := r.text.take(b[i])
		if !again {
			i++
		}
		if len(whole) > 0 {
			r.keep(whole)
			if r.tooLong {
				return i
			}
		}
	}
	return len(b)
}

// goOn looks at a command that has as many bytes as it was known to need: it needs more, or is whole.
func (r *Reader) goOn() Event {
	if r.cmd[0] == 0x10 {
		return r.realTime()
	}
	n, known := escpos.Size(r.cmd)
	switch {
	case n > r.max || len(r.cmd) > maxOpen && openEnded(r.cmd):
		r.tooLong = true
		return Event{}
	case n > len(r.cmd):
		r.need = n
		return Event{}
	}
	cmd := r.cmd
	r.cmd = nil
	switch {
	case cmd[0] == 0x1B && cmd[1] == '=':
		r.deaf = cmd[2]&1 == 0
		r.drop("ESC =")
	case r.deaf:
	case !known:
		r.drop(name(cmd))
	default:
		return r.command(cmd)
	}
	r.cmd = cmd[:0]
	return Event{}
}

// maxOpen is how long a command without a length of its own may be: GS k with a NUL at its end.
const maxOpen = 512

func openEnded(cmd []byte) bool { return cmd[0] == 0x1D && cmd[1] == 'k' && cmd[2] <= 6 }

// keep takes over what goes to the printer.
func (r *Reader) keep(b []byte) {
	if len(r.out)-r.start+len(b) > r.max {
		r.tooLong = true
		return
	}
	r.out = append(r.out, b...)
}

// drop notes the name of what does not go to the printer.
func (r *Reader) drop(name string) {
	if len(r.dropped) < 40 && !slices.Contains(r.dropped, name) {
		r.dropped = append(r.dropped, name)
	}
}

// Take gives what was read since the last call, and begins the next slip in the settings that are in force. Whole says that nothing follows
// on the connection: what has begun is then counted as half, else it goes on.
func (r *Reader) Take(whole bool) Slip {
	s := Slip{}
	if whole {
		s.Half = len(r.cmd) > 0 || r.text.torn()
		r.keep(r.text.lastChar())
	}
	s.Stream, s.LastCut, s.Dropped, s.Open = r.out, len(r.out), r.dropped, !r.text.line.empty()
	if r.cutAt >= 0 {
		s.LastCut = r.cutAt
	}
	if whole {
		r.text.end()
	}
	s.Lines, s.Dots = r.text.takeLines()
	for _, l := range s.Lines {
		s.Seen = s.Seen || l.Kind != Feed && l.Kind != CutLine && l.Kind != Unseen
	}
	if len(r.out) >= r.start+2 && string(r.out[r.start:r.start+2]) == escpos.Reset {
		s.Stream = r.out[r.start:]
		s.LastCut -= r.start
	}
	r.out = r.sets.append(nil)
	r.start, r.cutAt, r.dropped = len(r.out), -1, nil
	return s
}

// Text gives the lines that a person reads, columns kept.
func (s *Slip) Text() string {
	var b strings.Builder
	for _, l := range s.Lines {
		if l.Kind == Unseen {
			continue
		}
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n")
}

// Read reads a whole stream and gives its slips, one for each piece of paper: what follows a cut is the next.
func Read(b []byte, o Options) []Slip {
	r := NewReader(o)
	var list []Slip
	for len(b) > 0 {
		n, e := r.Next(b)
		b = b[n:]
		if e.What == Cut {
			list = append(list, r.Take(false))
		}
		if e.What == TooLong {
			break
		}
	}
	return append(list, r.Take(true))
}

// Amid reports whether a command or a character has begun that is not whole.
func (r *Reader) Amid() bool { return len(r.cmd) > 0 || r.text.torn() }

// Begun reports whether anything to see has come since the last Take, or a command that is not whole.
func (r *Reader) Begun() bool { return r.Amid() || r.text.seen || !r.text.line.empty() }
