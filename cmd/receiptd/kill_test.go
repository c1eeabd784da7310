package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

var (
	kills    = flag.Int("kills", 50, "how often TestKill kills the daemon")
	killSeed = flag.Uint64("kill-seed", 0, "seed of TestKill; 0 takes one from the clock")
)

// TestKill kills a real process at random moments while jobs come in and slips go out over a real socket to a printer with
// mechanics, and checks the promises on the paper: no job is lost, no second copy is unmarked, and "printed" is true.
func TestKill(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -kill-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s := newShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 3000}, `proof = "A"`)
	jobs := 0
	for range *kills {
		for range 1 + r.IntN(2) {
			jobs++
			s.drop(fmt.Sprintf("%d.json", jobs), sale(t, jobs))
		}
		s.start()
		if r.IntN(8) > 0 { // else it is killed while it starts
			s.ready()
		}
		time.Sleep(time.Duration(r.IntN(120)) * time.Millisecond) // the random moment, not a wait for something
		s.kill()
	}
	s.start()
	s.ready()
	s.settleAll(jobs)
	for n := 1; n <= jobs; n++ {
		for _, label := range []string{"MERCHANT COPY", "CARDHOLDER COPY"} {
			s.checkPaper(n, label)
		}
	}
}

// settleAll answers "did it come out?" by looking at the paper until nothing is open.
func (s *shop) settleAll(jobs int) {
	s.t.Helper()
	c := s.client()
	for n := 1; n <= jobs; n++ {
		s.await(fmt.Sprintf("job %d to be settled", n), func() bool {
			a, ok := s.answer(fmt.Sprintf("%d.json", n))
			if !ok {
				return false
			}
			if a.Outcome != queue.Accepted {
				s.t.Fatalf("job %d: %+v", n, a)
			}
			open := false
			for _, cp := range a.Copies {
				switch cp.State {
				case queue.Printed:
				case queue.Uncertain:
					open = true
					s.resolve(c, n, cp)
				default:
					open = true
				}
			}
			return !open
		})
	}
}

// resolve looks whether the whole slip lies on the counter, and says so.
func (s *shop) resolve(c *client.Client, n int, cp queue.CopyStatus) {
	s.t.Helper()
	came := false
	for _, text := range s.piecesOf(n, copyLabel(cp)) {
		came = came || (whole(text) && reprintNo(text) == cp.PrintNo-1)
	}
	body := map[string]any{"came_out": came, "operator_no": "09"}
	err := c.Do(s.t.Context(), client.Call{Method: http.MethodPost, Path: "/v1/copies/" + cp.CopyID + "/resolve", Body: body}, nil)
	if err != nil && !strings.Contains(err.Error(), "certain") {
		s.t.Logf("resolve %d %s: %v", n, cp.Copy, err) // a late proof may have settled it meanwhile: looked at again
	}
}

func copyLabel(cp queue.CopyStatus) string { return strings.ToUpper(string(cp.Copy)) + " COPY" }

// whole tells whether the end of a slip is on the paper.
func whole(text string) bool {
	return strings.Contains(text, "I ACKNOWLEDGE") || strings.Contains(text, "会员卡号")
}

// reprintNo is the number of the reprint that a slip says it is, 0 for an unmarked one.
func reprintNo(text string) int {
	_, after, ok := strings.Cut(text, "REPRINT ")
	if !ok {
		if strings.Contains(text, "DUPLICATED") {
			return -1
		}
		return 0
	}
	n := 0
	fmt.Sscanf(after, "%d", &n)
	return n
}

// checkPaper checks one copy's promises on the paper.
func (s *shop) checkPaper(n int, label string) {
	s.t.Helper()
	complete, numbers := 0, map[int]int{}
	for _, text := range s.piecesOf(n, label) {
		no := reprintNo(text)
		if numbers[no]++; numbers[no] > 1 {
			s.t.Errorf("job %d %s: print %d lies on the counter twice", n, label, no)
		}
		if whole(text) {
			complete++
		}
	}
	if complete == 0 {
		s.t.Errorf("job %d %s: no complete slip on the counter", n, label)
	}
}
