package queue_test

import (
	"fmt"
	"slices"
	"strings"
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
	x.p.next = []queue.Result{{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 100}, {State: queue.Uncertain, Reason: vocabulary.ReasonLinkDown, Bytes: 50}}
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

// TestCapturedOrder: an order ticket that a program printed comes once more by itself, marked, when nobody knows whether it came out. Two of
// the same text are two orders, and "the last" is found among them. A document is only asked about.
func TestCapturedOrder(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{next: []queue.Result{{State: queue.Uncertain, Reason: "link_down", Bytes: 10}}}}
	order := job.Lifted{Kind: job.KindOrder, Terminal: "till"}
	x.want(x.prints("o1", order, false), printed1)
	stop := x.run(x.p)
	until(t, "the second copy", func() bool { return x.p.count() == 2 })
	stop()
	x.want(x.prints("o2", order, false), printed1)
	x.want(x.prints("o3", order, true), printed1)
	stop = x.run(x.p)
	until(t, "all is out", func() bool { return x.p.count() == 4 })
	stop()
	if got, want := strings.Join(x.p.pieces, "; "), "o1 document original 1; o1 document recovery 2; o2 document original 1; o3 document original 1"; got != want {
		t.Errorf("paper\n got %s\nwant %s", got, want)
	}
	if m := x.p.marks; !m[2].SameAs.IsZero() || m[2].Possible || !m[3].Possible {
		t.Errorf("marks %+v", m[2:])
	}
	x.want(x.accept(command("r", `"command":"reprint_last"`)), printed1)
	x.run(x.p)
	until(t, "the reprint", func() bool { return x.p.count() == 5 })
	if got, want := x.p.pieces[4], "o2 document duplicate 2"; got != want {
		t.Errorf("paper %s, want %s", got, want)
	}
}
