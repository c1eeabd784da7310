package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A step is one thing that happens in a rule's story.
type step struct {
	do   string        // a job
	as   queue.Source  // HTTP when empty
	pin  bool          // permitted
	old  time.Duration // age of the file
	want string        // outcome, error codes, ~warning codes, copies as name:state

	wait   time.Duration  // before it
	print  []queue.Result // let the printer work until it has no more to do; these results first
	paper  string         // what came out since the last look
	reopen bool
	close  int64 // batch to settle by hand

	batches, alarms string // what is shown then, the first opened first; alarms the latest first
}

func describe(a queue.Answer) string {
	w := []string{string(a.Outcome)}
	for _, p := range a.Errors {
		w = append(w, p.Code)
	}
	for _, p := range a.Warnings {
		w = append(w, "~"+p.Code)
	}
	for _, c := range a.Copies {
		s := fmt.Sprintf("%s:%s", c.Copy, c.State)
		if c.Reason != "" {
			s += "(" + string(c.Reason) + ")"
		}
		w = append(w, s)
	}
	return strings.Join(w, " ")
}

// ok is the usual printed result.
var ok = []queue.Result{}

func failing(s queue.State, reason vocabulary.Reason) []queue.Result {
	return []queue.Result{{State: s, Reason: reason, Bytes: 50, Torn: true}}
}

func (s *shop) play(steps []step) {
	s.t.Helper()
	p := &paper{}
	seen := 0
	for i, st := range steps {
		s.wait(st.wait)
		if st.reopen {
			s.reopen()
		}
		if st.do != "" {
			src := st.as
			if src == "" {
				src = queue.SourceHTTP
			}
			a := s.arrive(queue.Arrival{Parsed: parse(s.t, st.do), Source: src, Permitted: st.pin, Age: st.old})
			if got := describe(a); got != st.want {
				s.t.Fatalf("step %d:\n got %s\nwant %s\n%+v", i, got, st.want, a.Errors)
			}
		}
		if st.close != 0 {
			a, err := s.q.Decisions.CloseBatch(s.t.Context(), st.close, "boss")
			if err != nil {
				s.t.Fatal(err)
			}
			if got := describe(a); got != st.want {
				s.t.Fatalf("step %d:\n got %s\nwant %s", i, got, st.want)
			}
		}
		if st.print != nil {
			p.next = st.print
			stop := s.run(p)
			until(s.t, fmt.Sprintf("step %d: the printer has nothing to do", i), func() bool {
				list, err := s.q.Waiting.Outstanding(s.t.Context())
				if err != nil {
					s.t.Fatal(err)
				}
				return !slices.ContainsFunc(list, func(o queue.Outstanding) bool {
					return o.State == queue.Sending || o.State == queue.Queued
				})
			})
			stop()
		}
		if st.batches != "" {
			s.shows(i, st.batches, st.alarms)
		}
		if st.paper != "" {
			got := strings.Join(p.pieces[seen:], "; ")
			if got != st.paper {
				s.t.Fatalf("step %d paper:\n got %s\nwant %s", i, got, st.paper)
			}
			seen = p.count()
		}
	}
	if err := s.q.Journal.Verify(s.t.Context()); err != nil {
		s.t.Error(err)
	}
}

func last(id, more string) string {
	return command(id, `"command":"reprint_last","operator_no":"01"`+more)
}

func byVoucher(id, no, more string) string {
	return command(id, fmt.Sprintf(`"command":"reprint_by_voucher","voucher_no":%q,"terminal_no":"00012345","operator_no":"01"`, no)+more)
}

func reversal(id, status, voucher, at string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"reversal","created_at":%q,"payload":{"status":%q,"attempts":1,"reason":"no_response",
		"merchant":{"name":"人民商场","no":"898510154110283"},"terminal_no":"00012345","batch_no":"000122","voucher_no":%q,
		"amount":{"total":5000,"currency":"CNY"},"original":{"voucher_no":%q,"transacted_at":%q},"updated_at":%q}}`,
		id, at, status, voucher, voucher, at, at)
}

func order(id, no, status string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"order","created_at":"2026-08-11T12:00:00+08:00","copies":["kitchen"],"payload":{"order_no":%q,"status":%q,
		"placed_at":"2026-08-11T12:00:00+08:00","bags":[{"items":[{"name":"担担面","qty":"2"}]}]}}`, id, no, status)
}

const (
	queued2  = "accepted merchant:queued cardholder:queued"
	nightful = "2026-08-11T22:00:00+08:00"
)

var rules = []struct {
	name  string
	steps []step
}{
	{"the same id and content again is a duplicate", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:queued cardholder:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:printed cardholder:printed"},
		{print: ok},
	}},
	{"the same id with other content is a conflict", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "a", amount: 9}.String(), want: "conflict job_id_reused merchant:queued cardholder:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
	}},
	{"the same slip under a fresh id prints nothing", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "b"}.String(), want: "duplicate merchant:queued cardholder:queued"},
		{do: slip{id: "b"}.String(), want: "duplicate merchant:queued cardholder:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
	}},
	{"the same voucher with other content is a conflict", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "b", amount: 1}.String(), want: "conflict voucher_conflict"},
		{do: slip{id: "b", amount: 1}.String(), want: "conflict voucher_conflict"},
		{do: slip{id: "c", typ: "refund", more: ""}.refund(), want: "conflict voucher_conflict"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
	}},
	{"an adjustment legally uses its sale's voucher", []step{
		{do: slip{id: "a", typ: "offline_sale"}.String(), want: queued2},
		{do: slip{id: "b", typ: "adjustment", amount: 4700}.String(), want: queued2},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; b merchant original 1; b cardholder original 1"},
		{do: byVoucher("r", "105233", `,"copies":["merchant"]`), want: "accepted merchant:queued"},
		{print: ok, paper: "b merchant duplicate 2"},
	}},
	{"an unknown result prints nothing and may become known", []step{
		{do: slip{id: "a", result: "unknown"}.String(), want: "accepted"},
		{do: last("l0", ""), want: "refused no_slip"},
		{do: slip{id: "b"}.String(), want: queued2},
		{do: slip{id: "c", result: "unknown", amount: 4}.String(), want: "conflict voucher_conflict"},
		{print: ok, paper: "b merchant original 1; b cardholder original 1"},
	}},
	{"a declined sale has a cardholder copy only", []step{
		{do: slip{id: "a", result: "declined"}.String(), want: "accepted cardholder:queued"},
		{print: ok, paper: "a cardholder original 1"},
	}},
	{"last is by arrival, not by clock", []step{
		{do: slip{id: "a", voucher: "000002", at: "2026-08-11T12:10:00+08:00"}.String(), want: queued2},
		{do: slip{id: "b", voucher: "000001", at: "2026-08-11T12:00:00+08:00"}.String(), want: queued2},
		{do: reversal("n", "failed", "000009", "2026-08-11T12:11:00+08:00"), want: "accepted merchant:queued"},
		{do: order("o", "77", "new"), want: "accepted kitchen:queued"},
		{print: ok},
		{do: last("r", `,"copies":["cardholder"],"expect_voucher_no":"000001"`), want: "accepted cardholder:queued"},
		{do: last("r2", `,"expect_voucher_no":"000002"`), want: "refused voucher_changed"},
	}},
	{"last of several terminals must be named", []step{
		{do: slip{id: "a", terminal: "00000001"}.String(), want: queued2},
		{do: slip{id: "b", terminal: "00000002"}.String(), want: queued2},
		{print: ok},
		{do: last("r", ""), want: "refused terminal_ambiguous"},
		{do: last("r", ``), want: "refused terminal_ambiguous"},
		{do: last("r2", `,"terminal_no":"00000001","copies":["merchant"]`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; b merchant original 1; b cardholder original 1; a merchant duplicate 2"},
	}},
	{"last without a number is not the other terminal's when one was just settled", []step{
		{do: slip{id: "a", terminal: "00000001"}.String(), want: queued2},
		{do: slip{id: "b", terminal: "00000002"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00000001", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: last("r", ""), want: "refused terminal_ambiguous"},
	}},
	{"a reprint while the slip is on its way is refused, and may be asked again", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: last("r", ""), want: "refused not_yet_printed"},
		{print: ok},
		{do: last("r", ""), want: queued2},
		{do: last("r", ""), want: "duplicate merchant:queued cardholder:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; a merchant duplicate 2; a cardholder duplicate 2"},
	}},
	{"an unknown voucher names the nearest", []step{
		{do: slip{id: "a", voucher: "000010"}.String(), want: queued2},
		{do: byVoucher("r", "11", ""), want: "refused voucher_unknown"},
		{do: byVoucher("r1", "10", `,"copies":["kitchen"]`), want: "refused copy_unknown"},
	}},
	{"settlement closes the batch; its own slip can be reprinted", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: settlement("s0", "00012345", "000122", nightful, "interim"), want: "accepted merchant:queued"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: settlement("s-again", "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:queued"},
		{do: last("r", ""), want: "refused batch_settled"},
		{do: byVoucher("r2", "105233", ""), want: "refused batch_settled"},
		{do: command("r3", `"command":"reprint_job","target_job_id":"a"`), want: "refused batch_settled"},
		{print: ok},
		{do: command("r4", `"command":"reprint_settlement","terminal_no":"00012345"`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; s0 merchant original 1; s merchant original 1; s merchant duplicate 2"},
	}},
	{"vouchers come again in the next batch", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "b", batch: "000123", at: "2026-08-12T08:00:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: byVoucher("r", "105233", `,"copies":["merchant"]`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; s merchant original 1; b merchant original 1; b cardholder original 1; b merchant duplicate 2"},
	}},
	{"a batch number comes again as another instance", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~unprinted_slips merchant:queued"},
		{do: slip{id: "b", amount: 7, at: "2026-08-12T08:00:00+08:00"}.String(), want: queued2},
	}},
	{"settlement of an unknown number closes nothing", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000999", nightful, "settlement"), want: "accepted ~batch_unknown merchant:queued"},
		{do: settlement("s1", "00012345", "000122", nightful, "last_settlement"), want: "accepted merchant:queued"},
		{do: last("r", ""), want: queued2},
	}},
	{"a slip that comes after its settlement prints late", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "b", voucher: "105234"}.String(), want: "accepted ~late_arrival merchant:queued cardholder:queued"},
		{print: ok, paper: "s merchant original 1; b merchant late 1; b cardholder late 1"},
		{do: byVoucher("r", "105234", ""), want: "refused batch_settled"},
	}},
	{"an unprinted slip survives its settlement and prints late", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~unprinted_slips merchant:queued"},
		{print: ok, paper: "a merchant late 1; a cardholder late 1; s merchant original 1"},
	}},
	{"another number without settlement supersedes; the old one stays reprintable", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "b", batch: "000130", voucher: "000001", at: "2026-08-11T13:00:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: byVoucher("r", "105233", `,"copies":["merchant"]`), want: "accepted merchant:queued"},
		{do: last("r2", `,"expect_voucher_no":"000001"`), want: queued2},
		{do: slip{id: "c", voucher: "105299", at: "2026-08-11T12:30:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: last("r3", `,"expect_voucher_no":"000001","copies":["merchant"]`), want: "accepted merchant:queued"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: byVoucher("r4", "105233", ""), want: "refused batch_settled"},
		{print: ok},
		{do: last("r5", `,"copies":["merchant"]`), want: "accepted merchant:queued"},
	}},
	{"a late slip of a batch never seen supersedes nothing", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: slip{id: "b", batch: "000121", voucher: "000001", at: "2026-08-10T13:00:00+08:00"}.String(), want: queued2},
		{print: ok},
		{do: last("r", `,"expect_voucher_no":"105233"`), want: queued2},
	}},
	{"closing by hand", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{close: 1, want: "accepted ~unprinted_slips"},
		{close: 1, want: "refused already_settled"},
		{print: ok, paper: "a merchant late 1; a cardholder late 1"},
		{do: last("r", ""), want: "refused batch_settled"},
	}},
	{"an uncertain copy waits for a person and blocks nothing", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: failing(queue.Uncertain, "link_down"), paper: "a merchant original 1; a cardholder original 1"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:uncertain(link_down) cardholder:printed"},
		{do: command("u0", `"command":"resolve_uncertain","target_job_id":"a","copy":"cardholder","came_out":true`), want: "refused not_uncertain"},
		{do: command("u", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false,"operator_no":"07"`), want: "accepted merchant:queued"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:cancelled(not_out) cardholder:printed merchant:queued"},
		{print: ok, paper: "a merchant recovery 2"},
	}},
	{"a person saw it come out", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: failing(queue.Uncertain, "link_down")},
		{do: command("u", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":true`), want: "accepted"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:printed cardholder:printed"},
	}},
	{"a reprint of an uncertain copy is allowed and marked", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: failing(queue.Uncertain, "link_down")},
		{do: last("r", ""), want: queued2},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; a merchant duplicate 2; a cardholder duplicate 2"},
	}},
	{"an order ticket recovers by itself once", []step{
		{do: order("o", "77", "new"), want: "accepted kitchen:queued"},
		{print: append(failing(queue.Uncertain, "link_down"), failing(queue.Uncertain, "link_down")...), paper: "o kitchen original 1; o kitchen recovery 2"},
		{do: order("o", "77", "new"), want: "duplicate kitchen:uncertain(link_down) kitchen:uncertain(link_down)"},
		{print: ok},
		{do: order("o-again", "77", "new"), want: "duplicate kitchen:uncertain(link_down) kitchen:uncertain(link_down)"},
	}},
	{"cancelled in the printer: a marked copy comes next", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: failing(queue.Cancelled, "paper_out"), paper: "a merchant original 1; a merchant recovery 2; a cardholder original 1"},
	}},
	{"a cancelled order stops its unprinted ticket", []step{
		{do: order("o", "77", "new"), want: "accepted kitchen:queued"},
		{do: order("c", "77", "cancelled"), want: "accepted kitchen:queued"},
		{print: ok, paper: "c kitchen original 1"},
		{do: order("o", "77", "new"), want: "duplicate kitchen:cancelled(superseded)"},
	}},
	{"cancel what has not been sent", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: command("c", `"command":"cancel","target_job_id":"a"`), want: "accepted"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:cancelled(cancelled) cardholder:cancelled(cancelled)"},
		{do: command("c2", `"command":"cancel","target_job_id":"a"`), want: "refused nothing_to_cancel"},
		{do: command("c3", `"command":"cancel","target_job_id":"nobody"`), want: "refused job_unknown"},
		{print: ok},
	}},
	{"a blank slip is defective and comes again, marked", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: command("d0", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`), want: "refused not_yet_printed"},
		{print: ok},
		{do: command("d", `"command":"mark_defective","target_job_id":"a","copy":"merchant","reason":"blank_slip"`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; a merchant duplicate 2"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: command("d2", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`), want: "accepted ~batch_settled"},
	}},
	{"an archive copy needs a permission and a settled batch", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: archive("x0"), want: "refused not_permitted"},
		{do: archive("x1"), pin: true, want: "refused batch_open"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1; s merchant original 1"},
		{do: archive("x2"), as: queue.SourceSpool, pin: true, want: "refused not_permitted"},
		{do: archive("x3"), pin: true, want: queued2},
		{print: ok, paper: "a merchant duplicate 2; a cardholder duplicate 2"},
	}},
	{"an old reprint command in the drop folder is refused", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: last("r", ""), as: queue.SourceSpool, old: 61 * time.Second, want: "refused stale_command"},
		{do: last("r", ""), as: queue.SourceSpool, old: 59 * time.Second, want: queued2},
	}},
	{"reversal: pending, late approval, settlement, failed, resolved", []step{
		{do: reversal("n1", "pending", "000050", "2026-08-11T13:00:00+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{do: slip{id: "late", voucher: "000050", at: "2026-08-11T13:00:00+08:00"}.String(), want: "conflict late_approval"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~reversal_pending_at_settlement merchant:queued"},
		{do: reversal("n2", "failed", "000050", "2026-08-11T13:00:00+08:00"), want: "accepted merchant:queued"},
		{do: resolve("x0"), want: "refused not_permitted"},
		{do: resolve("x"), pin: true, want: "accepted"},
		{do: resolve("x2"), pin: true, want: "refused voucher_unknown"},
	}},
	{"test jobs touch neither batch nor last", []step{
		{do: slip{id: "t", more: `,"test":true`}.String(), want: queued2},
		{print: ok},
		{do: last("r", ""), want: "refused no_slip"},
		{do: slip{id: "a"}.String(), want: queued2},
	}},
	{"what is too old after an outage waits behind a question", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{do: order("o", "77", "new"), want: "accepted kitchen:queued"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~unprinted_slips merchant:queued"},
		{print: ok, wait: 31 * time.Minute, paper: "s merchant late 1"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:held(stale) cardholder:held(stale)"},
		{do: order("o", "77", "new"), want: "duplicate kitchen:held(stale)"},
		{print: ok, reopen: true},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:held(stale) cardholder:held(stale)"},
	}},
	{"a first copy that comes minutes late says so", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok, wait: 6 * time.Minute, paper: "a merchant late 1; a cardholder late 1"},
	}},
	{"a copy that can never be rendered is cancelled, the queue goes on", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: []queue.Result{{Err: fmt.Errorf("no template")}}, paper: "a cardholder original 1"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:cancelled(unprintable) cardholder:printed"},
	}},
}

// refund gives the slip the fields a refund must have.
func (x slip) refund() string {
	x.typ = "refund"
	return strings.Replace(x.String(), `"card":`, `"original":{"reference_no":"120011223344","transacted_on":"2026-08-02"},"card":`, 1)
}

func archive(id string) string {
	return command(id, `"command":"archive_copy","terminal_no":"00012345","batch_no":"000122","voucher_no":"105233","case_no":"TD1","operator_no":"09"`)
}

func resolve(id string) string {
	return resolveAs(id, "000050", "refunded")
}

func resolveAs(id, voucher, resolution string) string {
	return command(id, fmt.Sprintf(`"command":"resolve_reversal","terminal_no":"00012345","voucher_no":%q,"resolution":%q,"case_no":"K1","operator_no":"09"`, voucher, resolution))
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			newShop(t).play(r.steps)
		})
	}
}

// TestNearest shows that a person who mistyped is told the vouchers beside it, of this terminal only.
func TestNearest(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a", voucher: "000010"}.String())
	s.accept(slip{id: "b", voucher: "000020"}.String())
	s.accept(slip{id: "c", voucher: "000015", terminal: "99999999"}.String())
	a := s.accept(byVoucher("r", "14", ""))
	if len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message.En, "000010, 000020") || strings.Contains(a.Errors[0].Message.En, "000015") {
		t.Errorf("%+v", a.Errors)
	}
}

// TestMarks shows the facts on reprints of sales that were undone.
func TestMarks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	mark := func(id, voucher string) job.Mark {
		t.Helper()
		before := p.count()
		if a := s.accept(byVoucher(id, voucher, `,"copies":["merchant"],"reason":"lost"`)); a.Outcome != queue.Accepted {
			t.Fatalf("%+v", a)
		}
		s.settled(id)
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.marks) != before+1 {
			t.Fatalf("%d pieces, want one more than %d", len(p.marks), before)
		}
		return p.marks[before]
	}
	s.accept(slip{id: "a", voucher: "000001"}.String())
	s.accept(slip{id: "b", voucher: "000002"}.String())
	s.settled("a")
	s.settled("b")
	if m := mark("m1", "1"); m.Voided || m.Reversed || m.PrintNo != 2 || m.Operator != "01" || m.Reason != "lost" || m.Kind != job.MarkDuplicate {
		t.Errorf("%+v", m)
	}
	s.accept(slip{id: "v", voucher: "000003", typ: "sale_void", original: "000001"}.String())
	s.settled("v")
	if m := mark("m2", "1"); !m.Voided || m.PrintNo != 3 {
		t.Errorf("after its void: %+v", m)
	}
	s.accept(reversal("n", "succeeded", "000003", "2026-08-11T12:00:00+08:00"))
	s.settled("n")
	if m := mark("m3", "1"); m.Voided {
		t.Errorf("its void was reversed: %+v", m)
	}
	s.accept(reversal("n2", "succeeded", "000002", "2026-08-11T12:00:00+08:00"))
	s.settled("n2")
	if m := mark("m4", "2"); !m.Reversed || m.Voided {
		t.Errorf("reversed sale: %+v", m)
	}
	for i, piece := range p.pieces {
		if strings.HasPrefix(piece, "n") && p.marks[i].Reversed {
			t.Errorf("a notice is no sale that was reversed: %s %+v", piece, p.marks[i])
		}
	}
	if a := s.accept(command("nobody", `"command":"reprint_job","target_job_id":"v"`)); a.Outcome != queue.Accepted {
		t.Errorf("%+v", a)
	}
}
