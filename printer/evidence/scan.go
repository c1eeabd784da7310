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

// InPieces says whether the slip came out in two pieces: its paper ended in the middle, and it went on on a new roll.
func (t *Transcript) InPieces() bool {
	for i, e := range t.Entries {
		if e.Kind == Paused && e.Reason == PaperOut && !t.Began().IsZero() && t.last(WentOn) > i {
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

// unwatched: while an answer in order was open when the hold began, that one tells; and so does a printer that tells of changes by
// itself.
func (t *Transcript) unwatched() bool {
	held, nothingOpen, seldom, begun := false, false, false, false
	var alive time.Time
	for _, e := range t.Entries {
		switch e.Kind {
		case Handed:
			begun = true
		case Told:
			return false
		case Paused:
			if !held {
				held, nothingOpen, seldom, alive = true, e.Open <= 0 && e.Reason != Busy, false, e.At
			}
		case Looked:
			alive = e.At
		case Asked:
			seldom = seldom || held && e.What == Poll && e.At.Sub(alive) > unseenGap
		case WentOn:
			if held && begun && nothingOpen && seldom {
				return true
			}
			held = false
		}
	}
	return false
}

// busyUnseen: a portion takes its time on the line and as long as it was held, however often the driver told how far it was. A hold
// counts from the last word before it: the printer may have stopped right behind that. As long as the driver
// has taken nothing of the slip there is nothing to lose. With part set, a portion counts of which some is still to be taken.
func (t *Transcript) busyUnseen(part bool) bool {
	var handed, lastWord, from time.Time            // when the portion was handed over, the last word came, the hold began
	var line, told, busy time.Duration              // what it takes on the line; for how long it was held, and the line busy on end
	held, unexplained, off, n := false, false, 0, 0 // unexplained: it is held since nothing is known
	for _, e := range t.Entries {
		switch e.Kind {
		case Handed:
			if off >= n || off == 0 { // not the rest of a portion
				handed, line, told, busy = e.At, e.Left.Sub(e.At), 0, 0
			}
			n = e.N
			if held && from.Before(handed) {
				from = handed
			}
		case Paused:
			if held && !unexplained {
				told += e.At.Sub(from)
			}
			if from = e.At; !held {
				from = later(lastWord, handed)
			}
			held, unexplained = true, e.Reason == Busy
		case WentOn:
			if held && !unexplained {
				told += e.At.Sub(from)
			}
			held = false
		case Taken:
			if off == 0 && e.N == 0 {
				break
			}
			off += e.N
			busy = max(busy, e.Busy)
			elapsed := e.At.Sub(handed) - line - told
			if held && !unexplained {
				elapsed -= e.At.Sub(from)
			}
			if (part || off >= n) && busy >= StartTime-startSlack && (told == 0 && (!held || unexplained) || elapsed >= StartTime-startSlack) {
				return true
			}
		}
		if e.Kind == Told || e.Kind == Looked || e.Kind == Answered {
			lastWord = e.At
		}
	}
	return false
}
