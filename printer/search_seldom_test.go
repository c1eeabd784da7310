package printer

import (
	"strings"
	"testing"
	"time"
)

// seldomScenes are printers that do not tell of changes by themselves, with little room in their buffers for questions: while a slip waits
// for paper they are asked ever more seldom, so that one may be off and on again between two questions.
func seldomScenes() []*scene {
	const little = 1150 // the slip fits, with seven questions at the pace of others
	paper, off, sleep := fault{"paper out for twenty-five seconds", faultPaper, 25 * time.Second}, allFaults[1], allFaults[15]
	between := []fault{paper, off}
	return []*scene{
		{name: "serial, exact id", least: 15000, known: trusted, baud: 9600, buffer: little, faults: between},
		{name: "serial, not known before, ids when it has read", least: 31000, baud: 9600, buffer: little, early: true, faults: between},
		{name: "serial, reads only", least: 40000, proof: "B", baud: 9600, buffer: little, faults: between},
		{name: "network, exact id, in portions", least: 3200, known: trusted, paced: true, buffer: 800, faults: between},
		{name: "network, not known before, ids when it has read", least: 4800, buffer: little, early: true, faults: between},
		{name: "network, reads only, slower than its family", least: 11500, proof: "B", buffer: little, slow: 7, reads: 300, out: true, faults: between},
		{name: "network, not known before, knows no ids, slower still", least: 8000, auto: true, idless: true, slow: 9, reads: 100, faults: []fault{sleep, off}},
	}
}

// TestSearchSeldomAsked plays what TestSearch has no time for: two faults of which the second lies between two questions that are far apart.
// It was tried that it finds each false claim of this kind when its mend is taken out: a slip processed although its answers were missing,
// since the book had forgotten them with the new fence (passed), at "serial, not known before"; one processed although a slow printer was
// still at it, since a hold counted until its end was heard (run.still), at "slower than its family"; one in two pieces that passed for
// whole, since its id came before the end of its hold was heard (InPieces), at both with an exact id; and one for which a missing answer
// led to more than the answer (overdue, UnseenAfter), at "slower still".
func TestSearchSeldomAsked(t *testing.T) {
	t.Parallel()
	for _, s := range seldomScenes() {
		t.Run(s.name, func(t *testing.T) {
			if testing.Short() && s.least > 5000 {
				t.Skip("not in the short form")
			}
			s.budget, s.seldom = 2, 3*time.Second
			least := s.least
			if *long {
				s.seldom, least = 0, 5*least
			}
			f := search(s)
			t.Logf("%d states, %d ends, depth %d, %v: %v", f.states, f.ends, f.depth, f.took.Round(time.Millisecond), f.claims)
			if f.wrong != "" {
				t.Errorf("%s\n%s", f.wrong, strings.Join(f.trace, "\n"))
			}
			if f.states < least { // fewer, and the search no longer searches
				t.Errorf("only %d states, not %d", f.states, least)
			}
		})
	}
}
