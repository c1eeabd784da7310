package evidence_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

// transcript reads a tape: one entry a line or behind a semicolon, the time in seconds first.
//
//	0 handed 900 left 0.5     0.5 took 900 [busy 2]     0 ask sign 3 | poll | order 2 | anew 2 | clear
//	1 sign | order | id | id2 | anew | drop | cleared   1 silent      1 well asked 0.9   1 unwell paper_out
//	1 told [paper_out]        1 paused paper_out        1 on          1 bytime | forgot | lost | farewell | drained
//	1 stop left 2             2 stood 1 (busy since 1, or: since 0.5)                  1 slept 20
//
// How many answers in order are open is counted.
func transcript(t testing.TB, tape string) *evidence.Transcript {
	t.Helper()
	out := &evidence.Transcript{}
	open := 0
	for line := range strings.FieldsFuncSeq(tape, func(r rune) bool { return r == '\n' || r == ';' }) {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		e := entry(t, w, &open)
		if e.Kind == evidence.Taken && e.Busy > 0 { // up to then
			out.Entries = append(out.Entries, evidence.Entry{At: e.At, Kind: evidence.Stood, Left: e.At.Add(-e.Busy), Busy: e.Busy, Open: open})
		}
		e.Open = open
		out.Entries = append(out.Entries, e)
	}
	return out
}

func number(t testing.TB, w []string, i int) float64 {
	t.Helper()
	if i >= len(w) {
		return 0
	}
	f, err := strconv.ParseFloat(w[i], 64)
	if err != nil {
		t.Fatalf("tape: %q: %v", w, err)
	}
	return f
}

var answers = map[string]evidence.What{"sign": evidence.Sign, "order": evidence.Order, "id": evidence.First, "id2": evidence.Second,
	"anew": evidence.Anew, "drop": evidence.Drop, "cleared": evidence.Clearing}

var questions = map[string]evidence.What{"sign": evidence.Sign, "poll": evidence.Poll, "order": evidence.Order, "anew": evidence.Anew, "clear": evidence.Clearing}

var others = map[string]evidence.Kind{"told": evidence.Told, "unwell": evidence.Looked, "paused": evidence.Paused, "on": evidence.WentOn, "bytime": evidence.ByTime,
	"forgot": evidence.Forgot, "lost": evidence.Lost, "farewell": evidence.Lost, "drained": evidence.Drained}

func entry(t testing.TB, w []string, open *int) evidence.Entry {
	t.Helper()
	e := evidence.Entry{At: at(number(t, w, 0))}
	if what, ok := answers[w[1]]; ok {
		e.Kind, e.What = evidence.Answered, what
		switch what {
		case evidence.Order:
			*open--
		case evidence.Anew: // the book forgets what was asked before
			*open = min(*open, 2)
		}
		return e
	}
	if kind, ok := others[w[1]]; ok {
		if e.Kind = kind; len(w) > 2 {
			e.Reason = evidence.Reason(w[2])
		}
		switch w[1] {
		case "unwell":
			e.Left = e.At
		case "forgot", "lost":
			*open = 0
		case "farewell":
			e.What = evidence.Farewell
		}
		return e
	}
	switch w[1] {
	case "handed":
		e.Kind, e.N, e.Left = evidence.Handed, int(number(t, w, 2)), at(number(t, w, 4))
	case "took":
		e.Kind, e.N, e.Busy = evidence.Taken, int(number(t, w, 2)), time.Duration(number(t, w, 4)*float64(time.Second))
	case "stood":
		e.Kind, e.Busy = evidence.Stood, time.Duration(number(t, w, 2)*float64(time.Second))
		if e.Left = e.At.Add(-e.Busy); len(w) > 3 {
			e.Left = at(number(t, w, 4)) // 2 stood 1 since 0.5
		}
	case "slept":
		e.Kind, e.Busy = evidence.Slept, time.Duration(number(t, w, 2)*float64(time.Second))
	case "silent":
		e.Kind, e.What = evidence.Unanswered, evidence.Poll
	case "well":
		e.Kind, e.Left = evidence.Looked, at(number(t, w, 3))
	case "stop":
		e.Kind, e.Left = evidence.Stop, at(number(t, w, 3))
	case "ask":
		e.Kind, e.What, e.N = evidence.Asked, questions[w[2]], int(number(t, w, 3))
		if e.What == evidence.Order || e.What == evidence.Anew {
			*open = max(*open, 0) + e.N
		}
	default:
		t.Fatalf("tape: %q", w)
	}
	return e
}

// told puts a transcript into words, for failures.
func told(t *evidence.Transcript) string {
	var b strings.Builder
	for i := range t.Entries {
		e := &t.Entries[i]
		fmt.Fprintf(&b, "%2d %8v kind %d what %d n %d open %d left %v busy %v %s\n", i, e.At.Sub(epoch), e.Kind, e.What, e.N, e.Open, e.Left.Sub(epoch), e.Busy, e.Reason)
	}
	return b.String()
}
