package evidence_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

var lawSeeds = flag.Uint64("law.seeds", 20000, "how many random transcripts TestLessNeverClaimsMore looks at")

// rank orders claims: what is claimed with more is worth more.
var rank = map[evidence.State]int{evidence.Sent: 1, evidence.Processed: 2, evidence.Printed: 3}

// A maker plays a slip at random, as a printer and a driver might, until something may be claimed: bytes are handed over and taken, holds
// begin and end, questions are asked and answered in their order, or not.
type maker struct {
	r    *rand.Rand
	dev  evidence.Device
	t    evidence.Transcript
	slip evidence.Slip
	now  time.Time
	open int  // answers in order to come
	sign int  // answers to signs of life to come
	held bool // for what
	off  int
	n    int // handed
	ids  int // how many ids came
	anew bool
}

func (m *maker) note(e evidence.Entry) {
	e.At, e.Open = m.now, m.open
	m.t.Append(e)
}

func (m *maker) chance(n int) bool { return m.r.IntN(n) == 0 }

// step makes one thing happen.
func (m *maker) step() {
	m.now = m.now.Add(time.Duration(m.r.IntN(1500)) * time.Millisecond)
	switch m.r.IntN(12) {
	case 0, 1:
		m.hand()
	case 2, 3:
		m.take()
	case 4:
		m.holdOrGoOn()
	case 5:
		m.look()
	case 6, 7:
		if m.open > 0 && m.off == m.n { // the questions stand at the end of what was handed over
			m.open--
			m.note(evidence.Entry{Kind: evidence.Answered, What: evidence.Order})
		}
	case 8:
		if m.sign > 0 {
			m.sign--
			m.note(evidence.Entry{Kind: evidence.Answered, What: evidence.Sign})
		}
	case 9, 10:
		m.id()
	case 11:
		m.askAnew()
	}
}

func (m *maker) hand() {
	if m.n > m.off || m.n == m.slip.Size {
		return
	}
	at := m.n
	m.n = m.slip.Size
	if len(m.slip.Acks) > 0 && at < m.slip.Acks[0] {
		m.n = m.slip.Acks[0]
	}
	m.note(evidence.Entry{Kind: evidence.Handed, N: m.n, Left: m.now.Add(time.Duration(m.n-at) * time.Millisecond)})
	if at == 0 {
		m.sign++
		m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Sign, N: 3})
	}
	order := m.slip.Behind
	if m.n < m.slip.Size {
		order = 1
	}
	if order > 0 {
		m.open += order
		m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Order, N: order})
	}
}

func (m *maker) take() {
	if m.n == m.off {
		return
	}
	n := m.n - m.off
	if m.chance(4) {
		n = m.r.IntN(n + 1)
	}
	m.off += n
	busy := []time.Duration{0, 0, time.Second, 6 * time.Second}[m.r.IntN(4)]
	if busy > 0 {
		m.note(evidence.Entry{Kind: evidence.Stood, Left: m.now.Add(-busy), Busy: busy})
	}
	m.note(evidence.Entry{Kind: evidence.Taken, N: n, Busy: busy})
}

func (m *maker) holdOrGoOn() {
	if m.held = !m.held; m.held {
		m.note(evidence.Entry{Kind: evidence.Paused, Reason: []evidence.Reason{evidence.PaperOut, evidence.Busy, evidence.CoverOpen}[m.r.IntN(3)]})
	} else {
		m.note(evidence.Entry{Kind: evidence.WentOn})
	}
}

// look asks for the status; the answer comes, or not.
func (m *maker) look() {
	asked := m.now
	m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Poll, N: 1})
	m.now = m.now.Add(time.Duration(m.r.IntN(700)) * time.Millisecond)
	switch {
	case m.chance(4):
		m.note(evidence.Entry{Kind: evidence.Unanswered, What: evidence.Poll})
	case m.held && !m.chance(4):
		m.note(evidence.Entry{Kind: evidence.Looked, Reason: evidence.PaperOut, Left: asked})
	default:
		m.note(evidence.Entry{Kind: evidence.Looked, Left: asked})
	}
	if m.chance(5) {
		m.note(evidence.Entry{Kind: evidence.Told})
	}
}

// id lets an id come, in the order in which they stand in the slip. A device whose ids were seen to come behind its paper does not send
// them before: that is assumed, and an id that is too early tells against the others.
func (m *maker) id() {
	if !m.slip.Fences || m.n < m.slip.Size || m.off < m.slip.Size {
		return
	}
	if m.dev.Behind && m.now.Sub(m.t.Began()) < m.slip.Mech {
		return
	}
	switch {
	case m.ids < 2:
		if m.ids == 0 && m.chance(5) { // only the newest is sent
			m.ids++
		}
		m.note(evidence.Entry{Kind: evidence.Answered, What: []evidence.What{evidence.First, evidence.Second}[m.ids]})
		m.ids++
	case m.anew:
		m.anew = false
		m.open = min(m.open, 2)
		m.note(evidence.Entry{Kind: evidence.Answered, What: evidence.Anew})
	}
}

func (m *maker) judge() evidence.Claim {
	return evidence.Judge(&evidence.Case{T: &m.t, Slip: m.slip, Device: m.dev, Now: m.now})
}

func (m *maker) askAnew() {
	if m.judge().Want != evidence.Fences || m.anew {
		return
	}
	m.anew = m.slip.Fences
	m.open = max(m.open, 0) + 2
	m.note(evidence.Entry{Kind: evidence.Asked, What: evidence.Anew, N: 2})
}

// TestLessNeverClaimsMore: taking any positive answer away never raises a claim, neither now nor when its id comes late.
func TestLessNeverClaimsMore(t *testing.T) {
	slips := []evidence.Slip{slipA, slipB, slipC, newA, portions, network}
	devices := []evidence.Device{trusted, unknown, tierB, {Tier: 'A'}, {Tier: 'A', Early: true}, {Pinned: 'A'}, {Pinned: 'B'}}
	claims := map[evidence.State]int{}
	for seed := range *lawSeeds {
		r := rand.New(rand.NewPCG(seed, 1))
		m := &maker{r: r, slip: slips[r.IntN(len(slips))], dev: devices[r.IntN(len(devices))], now: epoch}
		device := m.dev
		for i := 0; i < 40 && m.judge().State == ""; i++ {
			m.step()
		}
		c := &evidence.Case{T: &m.t, Slip: m.slip, Device: device, Now: m.now}
		whole := evidence.Judge(c)
		claims[whole.State]++
		for i, e := range m.t.Entries {
			if e.Kind != evidence.Answered && (e.Kind != evidence.Looked || e.Reason != "") {
				continue
			}
			less := *c
			less.T = without(&m.t, i)
			got := evidence.Judge(&less)
			if rank[got.State] > rank[whole.State] && (whole.State != "" || rank[got.State] > rank[waited(c).State]) {
				t.Fatalf("seed %d: %s (%s) becomes %s (%s) without entry %d\nslip %+v\ndevice %+v\n%s", seed, whole.State, whole.Rule, got.State, got.Rule, i, m.slip, device, told(&m.t))
			}
			later := m.slip.Fences && (device.Pinned == 'A' || device.Behind) && whole.State == evidence.Uncertain && got.State == evidence.Uncertain
			if later && less.IDTellsLater() && !c.IDTellsLater() {
				t.Fatalf("seed %d: a late id tells without entry %d, and not with it\nslip %+v\ndevice %+v\n%s", seed, i, m.slip, device, told(&m.t))
			}
		}
	}
	t.Log(claims)
	for _, s := range []evidence.State{evidence.Printed, evidence.Processed, evidence.Sent, evidence.Uncertain} {
		if claims[s] < 100 {
			t.Errorf("only %d transcripts were %s", claims[s], s)
		}
	}
}

// waited gives the claim once a printer that is well has been asked how it is for a minute: more answers may make a claim wait.
func waited(c *evidence.Case) evidence.Claim {
	c = &evidence.Case{T: &evidence.Transcript{Stale: c.T.Stale, Entries: slices.Clone(c.T.Entries)}, Slip: c.Slip, Device: c.Device, Now: c.Now}
	for range 60 {
		c.Now = c.Now.Add(time.Second)
		if got := evidence.Judge(c); got.State != "" {
			return got
		}
		c.T.Append(evidence.Entry{At: c.Now, Kind: evidence.Asked, What: evidence.Poll, N: 1, Open: c.T.Open()})
		c.T.Append(evidence.Entry{At: c.Now, Left: c.Now, Kind: evidence.Looked, Open: c.T.Open()})
	}
	return evidence.Judge(c)
}

// without takes an answer out of a transcript.
func without(t *evidence.Transcript, i int) *evidence.Transcript {
	less := &evidence.Transcript{Stale: t.Stale, Entries: slices.Delete(slices.Clone(t.Entries), i, i+1)}
	if t.Entries[i].What == evidence.Order {
		for j := i; j < len(less.Entries); j++ {
			less.Entries[j].Open++
		}
	}
	return less
}

// TestHoldThatComesAndGoes: a hold that comes and goes all day costs each look at the slip one pass over its transcript. Were it a pass for
// each hold, this test would not end.
func TestHoldThatComesAndGoes(t *testing.T) {
	c := evidence.Case{T: transcript(t, begun), Slip: slipA, Device: trusted}
	holds := 100_000
	if testing.Short() {
		holds = 5000
	}
	for i := range holds {
		from := at(float64(2 + 2*i))
		c.T.Append(evidence.Entry{At: from, Kind: evidence.Paused, Reason: evidence.CoverOpen})
		c.T.Append(evidence.Entry{At: from.Add(time.Second), Kind: evidence.WentOn})
	}
	c.Now = at(float64(2 + 2*holds))
	if got := evidence.Judge(&c); got.State != "" {
		t.Errorf("%+v", got)
	}
	if held := c.T.HeldFor(c.Now); held < time.Duration(holds)*time.Second {
		t.Error(held)
	}
}
