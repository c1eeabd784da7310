package virtual

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// A Recording is how one device answered, read from a file of `receiptd printer probe --record`. A printer built with it answers
// like that device: what it was asked and said, what it left unanswered, how long it took, and how fast its paper moved.
type Recording struct {
	model    Model
	answers  map[string]recorded
	asked    map[string]bool
	greeting []byte // what it said when a link opened
}

// recorded is one answer as the healthy device gave it.
type recorded struct {
	bytes []byte
	after time.Duration // from the end of the question to its first byte
}

// recordLine is one line of the file: the head, an event, or the result.
type recordLine struct {
	Format int     `json:"receiptd_recording"`
	Dots   int     `json:"dots"`
	Cutter bool    `json:"cutter"`
	MS     float64 `json:"ms"`
	Link   string  `json:"link"`
	Out    string  `json:"out"`
	In     string  `json:"in"`
	Result *struct {
		Early bool `json:"early"`
	} `json:"result"`
}

// ReadRecording reads a recording. What the device was never asked it answers as base does.
func ReadRecording(r io.Reader, base Model) (*Recording, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4<<20)
	l := newListener(base)
	for n := 1; lines.Scan(); n++ {
		var v recordLine
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("recording, line %d: %w", n, err)
		}
		out, err1 := hex.DecodeString(v.Out)
		in, err2 := hex.DecodeString(v.In)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("recording, line %d: %w", n, err)
		}
		switch {
		case n == 1 && v.Format != 1:
			return nil, errors.New("this is no recording of receiptd printer probe --record, or one of a newer receiptd")
		case n == 1:
			l.head(v)
		case v.Link != "":
			l.link()
		case v.Result != nil:
			l.early = v.Result.Early
		default:
			l.hear(time.Duration(v.MS*float64(time.Millisecond)), out, in)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return l.conclude(), nil
}

// Model is how the recorded device behaves, as far as the recording shows it.
func (r *Recording) Model() Model { return r.model }

// A listener goes through a recording once: it tells questions and answers apart, and lets a scratch printer count the paper.
type listener struct {
	rec     *Recording
	scratch *Printer
	pending []question
	reply   []byte // bytes of an answer that is not whole
	began   time.Duration
	sent    bool     // something was sent over this link
	tail    [11]byte // the bytes sent last
	dotsAt0 int64    // paper when the slip began whose proof is awaited
	moved   time.Duration
	proof   proofSeen
	early   bool // receiptd found that proof came before the paper
}

// A question awaits its answer.
type question struct {
	key  string
	at   time.Duration
	dots int64 // paper sent before it, dots
}

// proofSeen is the proof that shows how fast paper moves.
type proofSeen struct {
	dots int64
	took time.Duration
	fail bool // 37 33: no paper
}

func newListener(base Model) *listener {
	base.Name = "recording"
	scratch := base
	scratch.NoCutter = true
	return &listener{rec: &Recording{model: base, answers: map[string]recorded{}, asked: map[string]bool{}},
		scratch: New(Options{Custom: &scratch})}
}

func (l *listener) head(v recordLine) {
	m := &l.rec.model
	if v.Dots >= 8 && v.Dots <= 2048 {
		m.Dots = v.Dots
	}
	m.NoCutter = !v.Cutter
}

// link is the beginning or the end of a link: answers do not outlive it.
func (l *listener) link() { l.pending, l.reply, l.sent = nil, nil, false }

// hear takes what was sent and what came at one time.
func (l *listener) hear(at time.Duration, out, in []byte) {
	for _, b := range out {
		l.sent = true
		copy(l.tail[:], l.tail[1:])
		l.tail[len(l.tail)-1] = b
		if key := questionAt(l.tail[:]); key != "" {
			l.ask(key, at)
		}
		l.print(b, at)
	}
	for _, b := range in {
		if b == 0x11 || b == 0x13 {
			continue // flow control
		}
		if len(l.reply) == 0 {
			l.began = at
		}
		if l.reply = append(l.reply, b); wholeReply(l.reply) {
			l.answer(l.reply)
			l.reply = nil
		}
	}
}

// print lets the scratch printer count the paper that a byte moves.
func (l *listener) print(b byte, at time.Duration) {
	before := l.paper()
	l.scratch.in.take([]byte{b}) // nobody else has it
	if l.paper() != before && l.moved == 0 {
		l.moved = at
	}
}

func (l *listener) paper() int64 { return l.scratch.in.count.Dots }

func (l *listener) ask(key string, at time.Duration) {
	q := question{key: key, at: at, dots: l.paper() - l.dotsAt0}
	if len(key) > 3 && key[:3] == "id " {
		l.rec.asked["id"] = true
		if l.moved != 0 {
			q.at = l.moved
		}
	} else {
		l.rec.asked[key] = true
	}
	l.pending = append(l.pending, q)
}

// questionAt names the question whose last byte has just been sent; empty: none.
func questionAt(tail []byte) string {
	n := len(tail)
	last := tail[n-1]
	switch {
	case tail[n-3] == 0x10 && tail[n-2] == 0x04 && last >= 1 && last <= 4:
		return eotKey(last)
	case tail[n-3] == 0x1D && tail[n-2] == 'I':
		return idKey(last)
	case tail[n-3] == 0x1D && tail[n-2] == 'r':
		return "GS r " + decimal(last&0x0F)
	case tail[n-3] == 0x1D && tail[n-2] == 'a' && last != 0:
		return "GS a"
	case string(tail[:7]) == "\x1d(H\x06\x0000":
		return "id " + string(tail[7:])
	}
	return ""
}

func eotKey(n byte) string { return "DLE EOT " + decimal(n) }

func idKey(n byte) string {
	if n >= '1' && n <= '3' {
		n -= '0'
	}
	return "GS I " + decimal(n)
}

// wholeReply reports whether the bytes are one answer (T88III-spec appendix G: the patterns of answers).
func wholeReply(b []byte) bool {
	switch {
	case b[0]&0x93 == 0x10:
		return len(b) == 4
	case b[0] == 0x37 || b[0] == 0x3B || b[0] == 0x5F || b[0] == 0x35:
		return b[len(b)-1] == 0 || len(b) > 256
	}
	return true
}

// answer gives one answer to the question that it answers. One that nobody asked for is automatic status, or a greeting.
func (l *listener) answer(b []byte) {
	kind := func(q question) bool {
		return len(q.key) > 4 && q.key[:4] == "GS r" || len(q.key) == 6 && q.key[:4] == "GS I"
	}
	switch {
	case b[0]&0x93 == 0x10:
		kind = func(q question) bool { return q.key == "GS a" }
	case b[0]&0x93 == 0x12:
		kind = func(q question) bool { return len(q.key) > 3 && q.key[:3] == "DLE" }
	case b[0] == 0x5F:
		kind = func(q question) bool { return len(q.key) == 7 && q.key[:4] == "GS I" }
	case b[0] == 0x37 && len(b) == 7:
		kind = func(q question) bool { return q.key == "id "+string(b[2:6]) }
	}
	for i, q := range l.pending {
		if !kind(q) {
			continue
		}
		l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
		l.take(q, b)
		return
	}
	if !l.sent {
		l.rec.greeting = append(l.rec.greeting, b...)
	}
}

// take keeps an answer: the first to each question, and of proofs one over much paper.
func (l *listener) take(q question, b []byte) {
	after := max(l.began-q.at, 0)
	if q.key[:3] != "id " {
		if _, known := l.rec.answers[q.key]; !known {
			l.rec.answers[q.key] = recorded{append([]byte(nil), b...), after}
		}
		return
	}
	l.rec.answers["id"] = recorded{}
	if p := &l.proof; b[1] == 0x33 {
		p.fail = true
	} else if q.dots > p.dots && p.dots < enough {
		p.dots, p.took = q.dots, after
	}
	l.dotsAt0, l.moved = l.paper(), 0
}

// enough paper shows a speed; the proof after it waits for the cutter too.
const enough = 1000

// fastest is a paper speed that no receipt printer has, mm per second: a proof that comes sooner did not wait for the paper.
const fastest = 600

// conclude makes a model of what was heard.
func (l *listener) conclude() *Recording {
	r, m := l.rec, &l.rec.model
	silent := func(keys ...string) bool {
		asked := false
		for _, k := range keys {
			if _, ok := r.answers[k]; ok {
				return false
			}
			asked = asked || r.asked[k]
		}
		return asked
	}
	m.NoGSH = silent("id")
	m.NoASB = silent("GS a")
	m.NoDLEEOT = silent(eotKey(1), eotKey(2), eotKey(3), eotKey(4))
	m.NoGSR = silent("GS r 1", "GS r 2", idKey(1), idKey(2), idKey(3))
	m.Mute = len(r.answers) == 0
	m.FailID, m.JunkFirst, m.ASBAtPowerOn = l.proof.fail, false, false
	if l.proof.dots > 0 {
		mm := float64(l.proof.dots) * 25.4 / float64(m.DPI)
		speed := mm / max(l.proof.took.Seconds(), 0.001)
		if m.ProofAtParse = l.early || speed > fastest; !m.ProofAtParse {
			m.Speed = max(int(speed), 1)
		}
	}
	return r
}

// as is what the recorded device says where this printer would say now, and what it would say if all were well: the recorded
// answer with the bits turned that differ between the two. false: it does not answer this.
func (r *Recording) as(key string, well, now []byte) ([]byte, time.Duration, bool) {
	if r == nil {
		return now, 0, true
	}
	a, ok := r.answers[key]
	if !ok {
		return now, 0, !r.asked[key]
	}
	b := append([]byte(nil), a.bytes...)
	if len(b) == len(now) && len(b) == len(well) {
		for i := range b {
			b[i] ^= well[i] ^ now[i]
		}
	}
	return b, a.after, true
}
