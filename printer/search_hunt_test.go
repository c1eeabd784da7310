package printer

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	hunt      = flag.Duration("search.hunt", 0, "for how long TestSearchHunt plays random worlds, in which more goes wrong than TestSearch has the time to play out")
	huntSeed  = flag.Uint64("search.hunt.seed", 1, "where TestSearchHunt begins")
	huntFault = flag.Int("search.hunt.faults", 3, "how many faults it gives a slip")
)

// TestSearchHunt looks where the search does not come: worlds with three faults and more, one after the other at random. It proves
// nothing; what it finds is true.
func TestSearchHunt(t *testing.T) {
	if *hunt == 0 {
		t.Skip("no time is given: -search.hunt")
	}
	claims := map[State]int{}
	worlds := 0
	for seed, end := *huntSeed, time.Now().Add(*hunt); time.Now().Before(end); seed++ {
		r := rand.New(rand.NewPCG(seed, 3))
		s := scenes()[r.IntN(len(scenes()))]
		s.faults, s.budget = allFaults, *huntFault
		w := stray(s, r)
		claims[w.outcome.State]++
		if worlds++; w.wrong != "" {
			t.Errorf("-search.hunt.seed=%d: %s: %s\n%s", seed, s.name, w.wrong, strings.Join(w.trace, "\n"))
			break
		}
	}
	t.Logf("%d worlds of %d faults: %v", worlds, *huntFault, claims)
}

// A small buffer may be full of questions: what is asked of it then is hours apart, and a person gives the slip up.
const (
	huntPatience = 24 * time.Hour
	huntLimit    = 72 * time.Hour
	stepLimit    = 2_000_000 // moments of a world: more than ten for each second of a day. One that has more is asked round and round, and has no end either
	taleLimit    = 100_000   // entries of a transcript: of what comes again and again only the last is kept
)

// stray plays one world, its faults at random.
func stray(s *scene, r *rand.Rand) *world {
	w := newWorld(s)
	rare := 8 << r.IntN(5) // some worlds have all their trouble at once, others one now and one long after
	w.play(huntLimit, func() {
		for w.budget > 0 && !w.over && r.IntN(rare) == 0 && w.wrong == "" {
			w.suffer(s.faults[r.IntN(len(s.faults))])
		}
		if w.asked && !w.over && !w.m.task.cancel && w.now.Sub(searchEpoch) > huntPatience {
			w.do(event{kind: gotCancel})
		}
	})
	return w
}

// play lets a world run to its end, at most for so long. trouble may do something at each moment.
func (w *world) play(limit time.Duration, trouble func()) {
	for steps := 0; w.wrong == ""; steps++ {
		if a := w.m.task.cur; a != nil && len(a.t.Entries) > taleLimit {
			w.wrong = "its transcript grows for ever"
		}
		if !w.asked && w.now.Sub(searchEpoch) >= 3*grid && w.wakesAt.IsZero() {
			w.asked = true
			w.do(event{kind: gotPrint, slip: w.s.slip()})
			w.settle()
		}
		if w.over && (w.outcome.State != Uncertain || w.now.Sub(w.endAt) > lateLimit) {
			break
		}
		trouble()
		switch t := w.next(); {
		case w.wrong != "":
		case w.now.Sub(searchEpoch) > limit, steps > stepLimit:
			w.wrong = "it has no end"
		case t.IsZero():
			w.wrong = "nothing happens any more"
		default:
			w.now = later(t, w.now)
			w.settle()
		}
	}
}

// TestSearchFound plays what the hunt found, and what a search of two faults does not see.
func TestSearchFound(t *testing.T) {
	t.Parallel()
	type trouble struct {
		at    time.Duration
		fault int // of allFaults
	}
	const off, off4, paper, longPaper, late, lost, mute, jam, give, sleep = 0, 1, 2, 3, 7, 8, 9, 13, 10, 15
	for _, c := range []struct {
		name, scene string
		want        State
		script      []trouble
	}{
		// It was asked only a second behind its word that it is well, which came late, and was off and on again by then.
		{"processed behind a late word", "network, reads only", Uncertain,
			[]trouble{{833333333, jam}, {7250 * time.Millisecond, late}, {8 * time.Second, off}, {17500 * time.Millisecond, give}}},
		// The line took something as the hold ended, and no more while the printer was off; the word that the hold was over came after that.
		{"printed over a busy wire", "serial with a busy wire", Uncertain,
			[]trouble{{862499999, paper}, {2500 * time.Millisecond, late}, {2862499999, off}}},
		// What it told of its cutter was lost, it was let go on unasked for two seconds, and was off and on again by then.
		{"processed behind a lost word", "network, reads only", Uncertain,
			[]trouble{{1083333332, lost}, {1250 * time.Millisecond, jam}, {8 * time.Second, off}}},
		// It was off and on again while the process stood still in the middle of a write, with nothing else to wait for.
		{"printed though nobody watched", "serial with a busy wire", Uncertain,
			[]trouble{{1490624995, off4}, {1500 * time.Millisecond, sleep}}},
		// While it said nothing its paper was mended and its cutter stuck: it went on to be called out of paper, and nobody freed the cutter.
		{"stuck, and called out of paper", "network, exact id, in portions", Printed,
			[]trouble{{1166666665, longPaper}, {3750 * time.Millisecond, mute}, {6166666665, jam}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := slices.IndexFunc(scenes(), func(s *scene) bool { return s.name == c.scene })
			s := scenes()[i]
			s.budget = len(c.script)
			w, script := newWorld(s), c.script
			w.play(endLimit, func() {
				for len(script) > 0 && w.now.Sub(searchEpoch) >= script[0].at {
					w.suffer(allFaults[script[0].fault])
					script = script[1:]
				}
			})
			if w.wrong != "" || w.outcome.State != c.want {
				t.Errorf("%s, not %s: %s\n%s", w.outcome.State, c.want, w.wrong, strings.Join(w.trace, "\n"))
			}
		})
	}
}
