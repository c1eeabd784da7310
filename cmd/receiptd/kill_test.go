package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

var (
	kills    = flag.Int("kills", 25, "how often TestKill kills the daemon; the gate does it 100 times")
	killSeed = flag.Uint64("kill-seed", 0, "seed of TestKill; 0 takes one from the clock")
)

// voucherBase makes vouchers that look like nothing else on a slip.
const voucherBase = 770000

// TestKill kills a real process at random moments while jobs come in and slips go out over a real socket to a printer with
// mechanics, and checks the promises on the paper: no job is lost, no second copy is unmarked, and "printed" is true.
func TestKill(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -kill-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	model, err := virtual.ModelByName("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	model.CutMillis = 20
	s := newShop(t, virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 3000}, `proof = "A"`)
	jobs := 0
	for range *kills {
		for range 1 + r.IntN(2) {
			jobs++
			s.drop(fmt.Sprintf("%d.json", jobs), sale(t, voucherBase+jobs))
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
	s.settleAll(t, jobs)
	for n := 1; n <= jobs; n++ {
		for _, label := range []string{"MERCHANT COPY", "CARDHOLDER COPY"} {
			s.checkPaper(t, voucherBase+n, label)
		}
	}
}

// settleAll answers "did it come out?" by looking at the paper until nothing is open.
func (s *shop) settleAll(t *testing.T, jobs int) {
	t.Helper()
	c := s.client()
	for n := 1; n <= jobs; n++ {
		t.Cleanup(func() {
			if a, _ := s.answer(fmt.Sprintf("%d.json", n)); t.Failed() {
				t.Logf("job %d: %+v", n, a)
			}
		})
		s.await(fmt.Sprintf("job %d to be settled", n), func() bool {
			a, ok := s.answer(fmt.Sprintf("%d.json", n))
			if !ok {
				return false
			}
			if a.Outcome != queue.Accepted {
				t.Fatalf("job %d: %+v", n, a)
			}
			open := false
			for _, cp := range a.Copies {
				switch cp.State {
				case queue.Printed:
				case queue.Cancelled:
					// An original of which a person said that it is not out, or its stand-in that was not needed.
					if cp.Reason != "not_out" && (cp.Reason != "late_proof" || cp.PrintNo != 0) {
						t.Fatalf("job %d: cancelled for no good reason: %+v", n, cp)
					}
				case queue.Uncertain:
					open = true
					s.resolve(t, c, n, cp)
				default:
					open = true
				}
			}
			return !open
		})
	}
}

// resolve looks whether the whole slip lies on the counter, and says so.
func (s *shop) resolve(t *testing.T, c *client.Client, n int, cp queue.CopyStatus) {
	t.Helper()
	came := false
	for _, text := range s.piecesOf(voucherBase+n, copyLabel(cp)) {
		came = came || (whole(text) && reprintNo(text) == cp.PrintNo-1)
	}
	body := map[string]any{"came_out": came, "operator_no": "09"}
	err := c.Do(t.Context(), client.Call{Method: http.MethodPost, Path: "/v1/copies/" + cp.CopyID + "/resolve", Body: body}, nil)
	if err != nil && !strings.Contains(err.Error(), "certain") {
		t.Logf("resolve %d %s: %v", n, cp.Copy, err) // a late proof may have settled it meanwhile: looked at again
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

// checkPaper checks one copy's promises on the paper: a complete slip lies there (the last one may still wait for its cut), and
// no two say that they are the same print.
func (s *shop) checkPaper(t *testing.T, n int, label string) {
	t.Helper()
	s.await(fmt.Sprintf("a complete slip of %d %s", n, label), func() bool {
		return slices.ContainsFunc(s.piecesOf(n, label), whole)
	})
	numbers := map[int]bool{}
	for _, text := range s.piecesOf(n, label) {
		no := reprintNo(text)
		if numbers[no] {
			t.Errorf("%d %s: print %d lies on the counter twice\n%s", n, label, no, text)
		}
		numbers[no] = true
	}
}
