package queue_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestFurtherPapersAnswer: the answer to a reprint of what a program printed on two papers is behind when either changed, or what stands in
// for one of them; it shows each once, with the number that it gets.
func TestFurtherPapersAnswer(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	x.prints("m7", of(job.CopyMerchant, sold("000007", 500)))
	x.prints("c7", of(job.CopyCardholder, sold("000007", 500)))
	x.out("m7 document original 1; c7 document original 1")
	numbers := func(want string) (revision int64) {
		t.Helper()
		fa := x.fileAnswer("r.json")
		got := describe(fa.Answer)
		for _, c := range fa.Answer.Copies {
			got += fmt.Sprint(" ", c.PrintNo)
		}
		if got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		return fa.Revision
	}
	behind := func(want bool) {
		t.Helper()
		x.reopen() // what is written is known from the journal alone, as after a crash
		list, err := x.q.Files.Unwritten(t.Context())
		if got := slices.Contains(list, "r.json"); err != nil || got != want {
			t.Errorf("%v: behind is %v", err, got)
		}
	}
	x.want(x.drop("r.json", byVoucher("r", "7", "")), "accepted document:queued document:queued")
	x.q.Files.MarkWritten("r.json", numbers("accepted document:queued document:queued 2 2"))
	behind(false)
	x.p.next = []queue.Result{{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 100, Hash: "00"}, {State: queue.Uncertain, Reason: vocabulary.ReasonLinkDown, Bytes: 50}}
	stop := x.run(x.p)
	x.settled("r")
	stop()
	now := x.fileAnswer("r.json")
	x.q.Files.MarkWritten("r.json", now.Revision-1) // all but the latest change
	behind(true)
	x.q.Files.MarkWritten("r.json", numbers("accepted document:printed document:uncertain(link_down) 2 2"))
	behind(false)
	if _, err := x.q.Decisions.Resolve(t.Context(), now.Answer.Copies[1].CopyID, false, "01"); err != nil {
		t.Fatal(err)
	}
	behind(true)
	x.q.Files.MarkWritten("r.json", numbers("accepted document:printed document:cancelled(not_out) document:queued 2 2 3"))
	behind(false)
	x.out("c7 document recovery 3")
	behind(true)
	numbers("accepted document:printed document:cancelled(not_out) document:printed 2 2 3")
	// One paper alone stands in its answer once.
	x.want(x.drop("one.json", job1("one", "c7")), printed1)
	if got := describe(x.fileAnswer("one.json").Answer); got != printed1 {
		t.Error(got)
	}
}
