package printer

import (
	"strings"

	"github.com/receiptd/receiptd/printer/escpos"
)

// Said is what a device says of itself (GS I), as a probe heard it. Its serial number is never asked for here and never kept.
type Said struct {
	Firmware string `json:"firmware,omitempty"` // GS I 65
	Maker    string `json:"maker,omitempty"`    // GS I 66
	Model    string `json:"model,omitempty"`    // GS I 67
	HasIDs   bool   `json:"has_ids,omitempty"`  // it answers GS I 1, 2 and 3 with IDs
	IDs      IDs    `json:"ids,omitzero"`       // of the model, of what it has, of its version
}

// IDs are the answers to GS I 1, 2 and 3, one byte each.
type IDs [3]byte

// maxSaid bounds a text: maker texts have up to 80 bytes (Epson programming guide, GS I).
const maxSaid = 80

// saidText gives a text as it is kept, "" for one that is too long or holds anything but printable ASCII.
func saidText(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxSaid {
		return ""
	}
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return ""
		}
	}
	return s
}

// bounded gives s without what no device may say: it may come out of a file.
func (s Said) bounded() Said {
	s.Firmware, s.Maker, s.Model = saidText(s.Firmware), saidText(s.Maker), saidText(s.Model)
	for _, b := range s.IDs {
		s.HasIDs = s.HasIDs && b&0x90 == 0 // nothing else is read as such an answer
	}
	if !s.HasIDs {
		s.IDs = IDs{}
	}
	return s
}

// saidAsked is what is asked, in this order. Never 68: that is the serial number.
var saidAsked = [...]byte{65, 66, 67, 1, 2, 3}

// An interview is how far the questions about the device itself are.
type interview struct {
	said  Said
	fence ID  // behind each question
	at    int // in saidAsked
	sent  bool
	over  bool     // the fence behind the question came back
	texts []string // that came since it was sent
	bytes []byte   // likewise; two are kept at most
	ids   int      // how many of GS I 1 to 3 were answered
}

// interview asks the device who it is, question by question, each with a fence behind it: when that comes back an answer has come
// or never will. A device that does not know the command is so not waited for. Only ids of the device's own tell that, so others
// are not asked.
func (p *prober) interview(a *attempt) {
	p.probe.talk = interview{fence: a.id.Plus(stepAgain)}
	p.core.to(probing, "it is asked who it is")
	p.askWho()
}

// askWho sends the next question.
func (p *prober) askWho() {
	t := &p.probe.talk
	t.sent, t.over, t.texts, t.bytes = false, false, nil, nil
	n := saidAsked[t.at]
	if n < 65 {
		p.line.book.AskOrder(1)
	}
	q := append(p.device.set.selected(nil), 0x1d, 'I', n)
	p.residue.startPut(p.device.set.handOver(escpos.AppendFence(q, t.fence)))
	p.goFor(probeWho, listenTime)
}

// heardWho takes in what came while the device is asked who it is.
func (p *prober) heardWho(r escpos.Reply) {
	if !p.device.probing || p.probe.phase != probeWho {
		return
	}
	switch t := &p.probe.talk; {
	case r.Kind == escpos.Words && len(t.texts) < 2:
		t.texts = append(t.texts, r.Text)
	case r.Kind == escpos.InOrder && len(t.bytes) < 2:
		t.bytes = append(t.bytes, r.Byte)
	case r.Kind == escpos.Done && ID(r.ID) == t.fence:
		t.over = true
	}
}

// whoStep goes on with the questions. What goes wrong ends them, not the probe.
func (p *prober) whoStep() bool {
	t := &p.probe.talk
	if done, failed := p.residue.putOver(); done {
		t.sent = true
	} else if failed {
		p.whoOver()
		return true
	}
	switch {
	case !p.port.up(), !p.core.now.Before(p.probe.until):
		p.whoOver()
		return true
	case !t.sent || !t.over:
		p.core.at(p.probe.until)
		return false
	}
	n := saidAsked[t.at]
	if !t.note(n) && n < 65 {
		p.line.book.Order = max(p.line.book.Order-1, 0) // it has come to the fence: the answer will not come
	}
	// Where ids come before the printer has come so far, its answers may come behind them: a missing one would be taken for the next.
	if t.at++; t.at == len(saidAsked) || p.probe.r.Early && (len(t.texts) == 0 || saidAsked[t.at] < 65) || len(t.texts) > 1 {
		p.whoOver()
		return true
	}
	p.askWho()
	return true
}

// note keeps the answer to GS I n. It reports whether there was one.
func (t *interview) note(n byte) bool {
	text := ""
	if len(t.texts) == 1 {
		text = t.texts[0]
	}
	switch {
	case n == 65:
		t.said.Firmware = text
	case n == 66:
		t.said.Maker = text
	case n == 67:
		t.said.Model = text
	case len(t.bytes) == 1:
		t.said.IDs[n-1] = t.bytes[0]
		t.ids++
	}
	return n >= 65 || len(t.bytes) > 0
}

// whoOver keeps what was said and goes on with the probe.
func (p *prober) whoOver() {
	t := &p.probe.talk
	t.said.HasIDs = t.ids == len(t.said.IDs)
	if len(t.texts) > 1 { // answers come twice: nothing tells whose they are
		t.said = Said{}
	}
	p.probe.said = t.said.bounded()
	p.afterWho()
}
