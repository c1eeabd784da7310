package printer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSearchSleep: a process that stands still loses nothing but time. Whenever it does, twice in one slip, the slip ends as it would have ended;
// where it does for so long that somebody may have switched the printer off and on, nothing better is claimed. In the scenes that are not in the short
// form it stands still once; with -search.long, twice.
func TestSearchSleep(t *testing.T) {
	t.Parallel()
	for _, span := range []time.Duration{time.Second, 12 * time.Second, 10 * time.Minute} {
		for _, s := range scenes() {
			t.Run(fmt.Sprint(s.name, " for ", span), func(t *testing.T) {
				if testing.Short() && !slices.Contains(shortScenes, s.name) {
					t.Skip("not in the short form")
				}
				plain := *s
				undisturbed := search(&plain).claims
				s.faults, s.budget = []fault{{"the process stands still", faultSleep, span}}, 2
				if testing.Short() || !*long && !slices.Contains(shortScenes, s.name) {
					s.budget = 1
				}
				f := search(s)
				t.Logf("%d states, %d ends, depth %d, %v: %v", f.states, f.ends, f.depth, f.took, f.claims)
				if f.wrong != "" {
					t.Errorf("%s\n%s", f.wrong, strings.Join(f.trace, "\n"))
				}
				if len(undisturbed) != 1 || f.ends < 5 {
					t.Errorf("undisturbed %v, %d ends", undisturbed, f.ends)
				}
				for claim := range f.claims {
					if undisturbed[claim] == 0 && (claim != Uncertain || span < time.Minute) {
						t.Errorf("%s because it slept; undisturbed: %v", claim, undisturbed)
					}
				}
			})
		}
	}
}

// TestSearchUnseen: a printer that was switched off and on while the process stood still for long passes for nothing better than it is.
func TestSearchUnseen(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("half a minute under the race detector; TestSearchFound has what was found")
	}
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			if !*long && !slices.Contains(shortScenes, s.name) {
				t.Skip("in the long form")
			}
			s.faults, s.budget = []fault{{"the process stands still", faultSleep, time.Minute}, allFaults[0], allFaults[1]}, 2
			f := search(s)
			t.Logf("%d states, %d ends, depth %d, %v: %v", f.states, f.ends, f.depth, f.took, f.claims)
			if f.wrong != "" {
				t.Errorf("%s\n%s", f.wrong, strings.Join(f.trace, "\n"))
			}
			if f.claims[Uncertain] == 0 {
				t.Errorf("none is uncertain: %v", f.claims)
			}
		})
	}
}
