package evidence

import "time"

// Kind says what an entry of a transcript is.
type Kind uint8

// The kinds.
const (
	Handed     Kind = iota + 1 // the slip's bytes up to N were handed to the driver; the line has carried them at Left
	Taken                      // the driver took N of them; the printer said busy for Busy on end meanwhile
	Asked                      // N questions What went out
	Answered                   // an answer to What came
	Unanswered                 // What was not answered in time; the answer may still come
	Looked                     // all that is asked about the status was answered: Reason is what keeps it, "" nothing; asked at Left
	Told                       // the printer told its status by itself: Reason is what keeps it
	Paused                     // the printer is not ready, for Reason: the slip is held from here
	WentOn                     // it is ready again: the hold is over
	ByTime                     // no answers come to go by: from here the slip is sent no faster than the mechanism reads
	Forgot                     // answers in order to earlier slips were given up as lost
	Lost                       // the link ended
	Drained                    // all that was handed over has left the driver
	Stop                       // the caller wants an end: until Left a proof is waited for
	Stood                      // the line said busy from Left on, for Busy; what the driver took meanwhile follows
	Slept                      // nobody watched the printer for Busy, and the times of this transcript stood still: what came meanwhile follows
)

// What is a question.
type What uint8

// The questions.
const (
	Sign     What = iota + 1 // DLE EOT inside the slip, which ends at byte N of it: a sign of life
	Poll                     // DLE EOT or what stands for it, asked for the status
	Order                    // GS r inside or behind the slip
	First                    // GS ( H behind the content: the slip's id
	Second                   // GS ( H behind the cut
	Anew                     // GS ( H asked once more, with GS r behind it where that is known
	Drop                     // the printer answered a fence with: dropped for want of paper
	Clearing                 // DLE DC4 fn 8, to throw away what was not printed
	Farewell                 // of a link that was lost: the other end ended it in order
)

// An Entry is one thing that happened to a slip on its way.
type Entry struct {
	At     time.Time
	Left   time.Time
	Busy   time.Duration
	N      int
	Open   int // answers in order that are still to come behind this entry; negative: more came than were asked for
	Reason Reason
	Kind   Kind
	What   What
}

// A Transcript is what went out for one slip and what came back, in order. Stale is how many answers in order of earlier slips
// were still to come when it began. Append adds to it; nothing else changes it.
type Transcript struct {
	Stale   int
	Entries []Entry
}

// Append adds an entry. A hold may last for days: of looks in a row that found the same, with no more between them than a printer
// needs to start, only the last stays, and so of tries in a row to hand over the same bytes of which the driver took nothing.
func (t *Transcript) Append(e Entry) {
	if n := len(t.Entries); e.refused() && n >= 3 {
		was, again := &t.Entries[n-3], t.Entries[n-1]
		if was.Kind == Handed && t.Entries[n-2].refused() && again.Kind == Handed && again.N == was.N {
			was.Left, t.Entries[n-2], t.Entries = again.Left, e, t.Entries[:n-1]
			return
		}
	}
	if n := len(t.Entries); e.Kind == Looked && n >= 2 {
		was, asked := &t.Entries[n-2], t.Entries[n-1]
		if was.Kind == Looked && was.Reason == e.Reason && asked.Kind == Asked && asked.What == Poll && asked.At.Sub(was.At) <= unseenGap {
			*was, t.Entries = e, t.Entries[:n-1]
			return
		}
	}
	t.Entries = append(t.Entries, e)
}

// refused says whether the driver took nothing, on a line on which the printer cannot say busy.
func (e *Entry) refused() bool { return e.Kind == Taken && e.N == 0 && e.Busy == 0 }

// Strike takes the last asking of w out: nothing of it left.
func (t *Transcript) Strike(w What) {
	for i := len(t.Entries) - 1; i >= 0; i-- {
		if e := t.Entries[i]; e.Kind == Asked && e.What == w {
			t.Entries = append(t.Entries[:i:i], t.Entries[i+1:]...)
			return
		}
	}
}

// unseenGap is how long a printer may be left alone without that it can have been switched off and on meanwhile.
const unseenGap = StartTime + 250*time.Millisecond

// last gives the index of the last entry that is k, -1 for none.
func (t *Transcript) last(k Kind) int {
	for i := len(t.Entries) - 1; i >= 0; i-- {
		if t.Entries[i].Kind == k {
			return i
		}
	}
	return -1
}

// came gives the entry with which the answer to w first came.
func (t *Transcript) came(w What) (Entry, bool) {
	for _, e := range t.Entries {
		if e.Kind == Answered && e.What == w {
			return e, true
		}
	}
	return Entry{}, false
}

// count gives how many entries are k for w.
func (t *Transcript) count(k Kind, w What) (n int) {
	for _, e := range t.Entries {
		if e.Kind == k && e.What == w {
			n++
		}
	}
	return n
}

// asked gives how many questions w went out.
func (t *Transcript) asked(w What) (n int) {
	for _, e := range t.Entries {
		if e.Kind == Asked && e.What == w {
			n += e.N
		}
	}
	return n
}

// Began is when the first byte was handed to the driver; zero before that.
func (t *Transcript) Began() time.Time {
	for _, e := range t.Entries {
		if e.Kind == Handed {
			return e.At
		}
	}
	return time.Time{}
}

// Took is how long it was at most until the slip's id came: one that came while nobody listened was read when somebody did again.
func (t *Transcript) Took() (d time.Duration) {
	began := t.Began()
	for _, e := range t.Entries {
		switch {
		case began.IsZero() || e.At.Before(began):
		case e.Kind == Slept:
			d += e.Busy
		case e.Kind == Answered && (e.What == First || e.What == Second):
			return d + e.At.Sub(began)
		}
	}
	return 0
}

// Off is how many bytes the driver took.
func (t *Transcript) Off() (n int) {
	for _, e := range t.Entries {
		if e.Kind == Taken {
			n += e.N
		}
	}
	return n
}

// Writing says whether the driver has not told yet what it took of the last portion.
func (t *Transcript) Writing() bool { return t.last(Handed) > t.last(Taken) }

// Drained says whether all that the driver took has left it.
func (t *Transcript) Drained() bool { return t.last(Drained) > t.last(Taken) }

// Holding is why the slip is held, "" when it is not.
func (t *Transcript) Holding() Reason {
	if i := t.last(Paused); i > t.last(WentOn) {
		return t.Entries[i].Reason
	}
	return ""
}

// stalled says whether the line took nothing for long, and nothing ever said why.
func (t *Transcript) stalled() (is bool) {
	for _, e := range t.Entries {
		if e.Kind == Paused && e.Reason != Busy {
			return false
		}
		is = is || e.Kind == Paused || e.Kind == Taken && e.Busy >= stallTime
	}
	return is
}

// Resumed says whether it was held and went on.
func (t *Transcript) Resumed() bool { return t.last(WentOn) >= 0 }

// ByTime says whether it goes by time, for want of answers.
func (t *Transcript) ByTime() bool { return t.last(ByTime) >= 0 }

// Stopping is until when a proof is waited for once an end is wanted; zero when none is.
func (t *Transcript) Stopping() time.Time {
	if i := t.last(Stop); i >= 0 {
		return t.Entries[i].Left
	}
	return time.Time{}
}

// AskedAt is when w was last asked, zero when it never was.
func (t *Transcript) AskedAt(w What) time.Time {
	for i := len(t.Entries) - 1; i >= 0; i-- {
		if e := t.Entries[i]; e.Kind == Asked && e.What == w {
			return e.At
		}
	}
	return time.Time{}
}

// OrderAnswers is how many answers in order came.
func (t *Transcript) OrderAnswers() int { return t.count(Answered, Order) }

// StaleNow is how many answers in order of earlier slips may still come.
func (t *Transcript) StaleNow() int {
	if t.last(Forgot) >= 0 {
		return 0
	}
	return t.Stale
}

// Clears is how often the printer was asked to throw the rest away, and whether it said that it did.
func (t *Transcript) Clears() (asked int, done bool) {
	return t.asked(Clearing), t.count(Answered, Clearing) > 0
}

// Quiet is since when neither an answer in order came nor the driver took anything nor a hold ended.
func (t *Transcript) Quiet() (at time.Time) {
	for _, e := range t.Entries {
		if e.Kind == Taken && e.N > 0 || e.Kind == Answered && e.What == Order || e.Kind == WentOn {
			at = e.At
		}
	}
	return at
}

// Open is how many answers in order are still to come.
func (t *Transcript) Open() int {
	if n := len(t.Entries); n > 0 {
		return t.Entries[n-1].Open
	}
	return t.Stale
}
