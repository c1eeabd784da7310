package evidence

import "time"

// What a transcript tells by itself, whatever the slip and the printer.

// startSlack is how much sooner than its last bytes a driver may tell that it took them.
const startSlack = 250 * time.Millisecond

// first gives the answer that says that the slip's end was reached: the id behind the cut implies the one before it, which a printer may
// leave out when the second is ready as well (Epson programming guide, GS ( H).
func (t *Transcript) first() (Entry, bool) {
	for _, e := range t.Entries {
		if e.Kind == Answered && (e.What == First || e.What == Second) {
			return e, true
		}
	}
	return Entry{}, false
}

// endedFirst says whether the slip's own link was ended in order: the end of a later one may be that of another cut.
func (t *Transcript) endedFirst() bool {
	for _, e := range t.Entries {
		if e.Kind == Lost {
			return e.What == Farewell
		}
	}
	return false
}

// anew gives the answer to the last asking anew.
func (t *Transcript) anew() (Entry, bool) {
	for i := len(t.Entries) - 1; i >= 0; i-- {
		e := t.Entries[i]
		switch {
		case e.Kind == Answered && e.What == Anew:
			return e, true
		case e.Kind == Asked && e.What == Anew:
			return Entry{}, false
		}
	}
	return Entry{}, false
}

// InPieces says whether a slip that is out came out in two pieces: its paper ended in the middle, and it went on on a new roll. Its id may come
// before the printer was asked again how it is.
func (t *Transcript) InPieces() bool {
	held, begun := false, false
	for _, e := range t.Entries {
		switch {
		case e.Kind == Handed:
			begun = true
		case e.Kind == Paused && e.Reason == PaperOut && begun:
			held = true
		case held && (e.Kind == WentOn || e.Kind == Answered && (e.What == First || e.What == Second)):
			return true
		}
	}
	return false
}

// whileHeld says whether there is an entry of some sort among those made while the slip was held.
func (t *Transcript) whileHeld(is func(Entry) bool) bool {
	held := false
	for _, e := range t.Entries {
		switch {
		case e.Kind == Paused:
			held = true
		case e.Kind == WentOn:
			held = false
		case held && is(e):
			return true
		}
	}
	return false
}

func (t *Transcript) silentHeld() bool {
	return t.whileHeld(func(e Entry) bool { return e.Kind == Unanswered })
}

// statusForgot: its own word still says that it is not well, and an answer says that it is.
func (t *Transcript) statusForgot() bool {
	var told Reason
	begun := false
	for _, e := range t.Entries {
		switch e.Kind {
		case Told:
			told = e.Reason
		case Handed:
			begun = true
		case WentOn:
			if begun && told != "" {
				return true
			}
		}
	}
	return false
}

// unwatched: while an answer in order was open when the hold began, that one tells; and so does a printer that told both of the hold and of its
// end by itself: one that was off meanwhile has forgotten to. That it told of other things before is not enough, since what it told of
// this one may have been lost.
func (t *Transcript) unwatched() bool {
	held, nothingOpen, seldom, begun := false, false, false, false
	var alive time.Time
	var told Reason
	over := false // it told that it is not well, and then that it is
	for _, e := range t.Entries {
		switch e.Kind {
		case Handed:
			begun = true
		case Told:
			over, told = e.Reason == "" && (told != "" || over), e.Reason
		case Paused:
			if !held {
				held, nothingOpen, seldom, alive = true, e.Open <= 0 && e.Reason != Busy, false, e.At
				over = false
			}
		case Looked:
			alive = e.At
		case Slept:
			alive = alive.Add(-e.Busy)
		case Asked:
			seldom = seldom || held && e.What == Poll && e.At.Sub(alive) > unseenGap
		case WentOn:
			if held && begun && nothingOpen && seldom && !over {
				return true
			}
			held = false
		}
	}
	return false
}

// busyUnseen: a printer that is switched off takes nothing and says nothing until it has started, so it was on through each time
// for which the line said busy and no told hold covers as much of it as a start takes. Only what the line itself told counts: the
// bytes of a portion run on into a hold and out of it, so the time that they need says nothing of the rest. As long as the driver has
// taken nothing of the slip there is nothing to lose. With part set, a portion counts of which some is still to be taken.
func (t *Transcript) busyUnseen(part bool) bool {
	off, n, unseen := 0, 0, false
	for i, e := range t.Entries {
		switch e.Kind {
		case Handed:
			if off >= n || off == 0 { // not the rest of a portion
				unseen = false
			}
			n = e.N
		case Stood:
			unseen = unseen || t.heldUnseen(i)
		case Taken:
			if off += e.N; unseen && off > 0 && (part || off >= n) {
				return true
			}
		}
	}
	return false
}

// heldUnseen says whether the printer may have been off for as long as the line said busy, as entry i tells.
func (t *Transcript) heldUnseen(i int) bool { return t.uncovered(i) >= StartTime-startSlack }

// uncovered is the longest time on end for which the line said busy, as entry i tells, and no told hold covers. A hold covers no time behind
// one at which the line took something again: it was over then, however late the word of that came.
func (t *Transcript) uncovered(i int) (longest time.Duration) {
	free := t.Entries[i].Left // since when nothing covers
	to := free.Add(t.Entries[i].Busy)
	told, taken := false, time.Time{}
	for _, e := range t.Entries[:i] {
		if end := e.Left.Add(e.Busy); e.Kind == Stood && !end.After(free) {
			taken = later(taken, end)
		}
	}
	for _, e := range t.Entries[:i] {
		switch {
		case e.Kind == Paused && e.Reason != Busy && !told && !e.At.Before(taken):
			told, longest = true, max(longest, earlier(e.At, to).Sub(free))
		case told && (e.Kind == WentOn || e.Kind == Paused && e.Reason == Busy):
			told, free = false, later(free, e.At)
		}
	}
	if !told {
		longest = max(longest, to.Sub(free))
	}
	return longest
}

// HeldFor is for how long in all the slip was held by now, from its beginning on.
func (t *Transcript) HeldFor(now time.Time) time.Duration {
	began := t.Began()
	r := runFrom(began)
	for i := range t.Entries {
		r.add(&t.Entries[i])
	}
	return now.Sub(began) - r.by(now)
}

// A run is for how long the mechanism can have run since a time: not while the slip was held. Where a hold was found by asking it may
// have begun right behind the last word before. A hold may come and go thousands of times, so it is counted entry by entry.
type run struct {
	from, since, word time.Time
	held              bool
	heldAt, still     time.Time // since when it is held, and when that was last heard
	sum, waited       time.Duration
}

func runFrom(from time.Time) run { return run{from: from, since: from, word: from} }

// add takes the next entry in.
func (r *run) add(e *Entry) {
	if r.held && e.Reason != "" && (e.Kind == Told || e.Kind == Looked || e.Kind == Paused) {
		r.still = e.At
	}
	switch {
	case e.Kind == Told, e.Kind == Looked && e.Reason == "":
		r.word = e.At
	case e.Kind == Paused && !r.held:
		r.held, r.heldAt, r.still, r.sum = true, later(r.from, e.At), e.At, r.sum+max(0, r.word.Sub(r.since))
	case e.Kind == WentOn && r.held:
		r.waited += max(0, r.still.Sub(r.heldAt))
		r.held, r.since, r.word = false, later(r.from, e.At), later(r.from, e.At)
	}
}

// by is for how long it can have run by now.
func (r *run) by(now time.Time) time.Duration {
	if r.held {
		return r.sum
	}
	return r.sum + max(0, now.Sub(r.since))
}

// atMost is for how long it can have run by now where each hold began no sooner than it was heard of, and was over right behind the last
// word that it lasts: nobody may have asked for long.
func (r *run) atMost(now time.Time) time.Duration {
	waited := r.waited
	if r.held { // what comes now shows that it may be over since it was last heard
		waited += max(0, r.still.Sub(r.heldAt))
	}
	return now.Sub(r.from) - waited
}

// passed says whether the fence that was asked for anew was answered although earlier questions in order were not: the book forgets those.
func (t *Transcript) passed() bool {
	for i := 1; i < len(t.Entries); i++ {
		if e := t.Entries[i]; e.Kind == Answered && e.What == Anew && e.Open < t.Entries[i-1].Open {
			return true
		}
	}
	return false
}
