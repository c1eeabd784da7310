package queue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// A program is a till whose slips are captured.
type program struct {
	*shop
	p *paper
	n int
}

// prints takes one slip as the capture gives it to the queue.
func (x *program) prints(id string, l job.Lifted, again ...bool) queue.Answer {
	x.t.Helper()
	if l.Terminal == "" {
		l.Terminal = "00012345"
	}
	if l.Batch == "" {
		l.Batch = "000122"
	}
	l.Rule, l.Currency, l.Merchant = "slip", "CNY", shopNo
	if l.Kind == job.KindTransaction && l.Type == "" {
		l.Type = "sale"
	}
	text := id
	if len(again) > 0 {
		text = "again"
	}
	find := func([]string) *job.Lifted { return &l }
	if l.Kind == "" {
		find = nil
	}
	x.n++
	r := job.Parser{}.Captured(job.Job{ID: id, CreatedAt: x.now()}, job.Capture{Name: "till", Stream: []byte(text)}, []job.Block{{Type: job.BlockText, Text: text}}, find)
	if r.Job == nil {
		x.t.Fatal(r.Errors)
	}
	return x.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture, Again: len(again) > 0 && again[0]})
}

func (x *program) want(a queue.Answer, want string) {
	x.t.Helper()
	if got := describe(a); got != want {
		x.t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// out lets everything come out, and gives what did.
func (x *program) out(want string) {
	x.t.Helper()
	before := x.p.count()
	stop := x.run(x.p)
	until(x.t, "all is out", func() bool {
		list, err := x.q.Waiting.Outstanding(x.t.Context())
		return err == nil && len(list) == 0
	})
	stop()
	if got := strings.Join(x.p.pieces[before:], "; "); got != want {
		x.t.Errorf("paper\n got %s\nwant %s", got, want)
	}
}

func sold(voucher string, amount int64) job.Lifted {
	return job.Lifted{Kind: job.KindTransaction, Voucher: voucher, Amount: &amount}
}

func of(c job.CopyName, l job.Lifted) job.Lifted {
	l.Copy = c
	return l
}

const printed1 = "accepted document:queued"

// TestCapturedVouchers: slips that a program printed are found by their vouchers, each paper of them, until settlement.
func TestCapturedVouchers(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	x.want(x.prints("m7", of(job.CopyMerchant, sold("000007", 500))), printed1)
	x.want(x.prints("c7", of(job.CopyCardholder, sold("000007", 500))), printed1)
	x.wait(time.Minute)
	x.want(x.prints("m8", of(job.CopyMerchant, sold("000008", 600))), printed1)
	x.out("m7 document original 1; c7 document original 1; m8 document original 1")
	x.want(x.accept(byVoucher("r1", "7", "")), "accepted document:queued document:queued")
	x.out("m7 document duplicate 2; c7 document duplicate 2")
	x.want(x.accept(byVoucher("r2", "7", `,"copies":["cardholder"]`)), "accepted document:queued")
	x.out("c7 document duplicate 3")
	x.want(x.accept(byVoucher("r3", "7", `,"copies":["bank"]`)), "refused copy_unknown")
	x.want(x.accept(last("r4", "")), "accepted document:queued")
	x.out("m8 document duplicate 2")
	b, err := x.q.Batches.List(t.Context(), "")
	if err != nil || len(b) != 1 || b[0].Slips != 2 {
		t.Fatalf("%v %+v", err, b)
	}
	tally, err := x.q.Batches.Tally(t.Context(), b[0].ID)
	if err != nil || len(tally) != 1 || tally[0].Count != 2 || tally[0].Amount != 1100 {
		t.Errorf("%v %+v", err, tally)
	}
	// A void takes its sale back: reprints say so.
	void := sold("000009", -500)
	void.Type, void.Original = "sale_void", "000007"
	x.want(x.prints("v9", void), printed1)
	x.want(x.accept(byVoucher("r5", "7", "")), "accepted document:queued document:queued")
	x.out("v9 document original 1; m7 document duplicate 3; c7 document duplicate 4")
	for _, m := range x.p.marks[len(x.p.marks)-2:] {
		if !m.Voided {
			t.Error("a reprint of a sale that was taken back does not say so")
		}
	}
	x.shows(0, "000122 open", "")
}

// TestCapturedContradictions: what contradicts the journal comes out, overwrites nothing and is told of.
func TestCapturedContradictions(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	x.want(x.prints("a", of(job.CopyMerchant, sold("000007", 500))), printed1)
	x.want(x.prints("b", of(job.CopyMerchant, sold("000007", 900))), "accepted ~voucher_taken document:queued")
	x.want(x.prints("again", of(job.CopyMerchant, sold("000007", 500))), printed1)
	dup := of(job.CopyMerchant, sold("000007", 500))
	dup.Duplicate = true
	x.want(x.prints("own", dup), printed1)
	x.want(x.prints("own2", dup, true), printed1)
	adjusted := sold("000007", 470)
	adjusted.Type = "adjustment"
	x.want(x.prints("adj", adjusted), printed1)
	x.out("a document original 1; b document original 1; again document original 1; own document original 1; own2 document original 1; adj document original 1")
	for i, want := range []bool{false, false, true, false, false, false} {
		if x.p.marks[i].Possible != want {
			t.Errorf("%s: possible duplicate: %v", x.p.pieces[i], !want)
		}
	}
	x.want(x.accept(byVoucher("r", "7", "")), printed1)
	x.out("adj document duplicate 2")
	list, _, err := x.q.Jobs.List(t.Context(), queue.Filter{Q: "9.00"})
	if err != nil || len(list) != 1 || list[0].JobID != "b" {
		t.Errorf("by its amount: %v %+v", err, list)
	}
	x.want(x.accept(job1("j", "b")), printed1)
	x.out("b document duplicate 2")
	// The terminal's own job for a voucher that was captured is another story of it.
	x.want(x.accept(slip{id: "job", voucher: "000007", amount: 1}.String()), "conflict voucher_conflict")
}

func job1(id, target string) string {
	return command(id, `"command":"reprint_job","target_job_id":"`+target+`"`)
}

// TestCapturedSettlement: a settlement slip asks, unless the configuration says that it closes its batch, and never closes what it does not
// know for sure.
func TestCapturedSettlement(t *testing.T) {
	total := int64(1100)
	end := func(settle string, change func(*job.Lifted)) job.Lifted {
		l := job.Lifted{Kind: job.KindSettlement, Type: "settlement", Amount: &total, Settle: settle}
		if change != nil {
			change(&l)
		}
		return l
	}
	for name, row := range map[string]struct {
		l     job.Lifted
		want  string
		state string
	}{
		"ask":         {end("ask", nil), "accepted ~settle_ask document:queued", "000122 open"},
		"auto":        {end("auto", nil), printed1, "000122 settled"},
		"never":       {end("never", nil), printed1, "000122 open"},
		"doubt":       {end("auto", func(l *job.Lifted) { l.Doubt = true }), "accepted ~settle_ask document:queued", "000122 open"},
		"no total":    {end("auto", func(l *job.Lifted) { l.Amount = nil }), "accepted ~settle_ask document:queued", "000122 open"},
		"interim":     {end("auto", func(l *job.Lifted) { l.Type = "interim" }), printed1, "000122 open"},
		"its reprint": {end("auto", func(l *job.Lifted) { l.Duplicate = true }), printed1, "000122 open"},
		"other batch": {end("auto", func(l *job.Lifted) { l.Batch = "000121" }), "accepted ~batch_unknown document:queued", "000122 open"},
	} {
		t.Run(name, func(t *testing.T) {
			x := &program{shop: newShop(t), p: &paper{}}
			x.prints("m7", sold("000007", 500))
			x.out("m7 document original 1")
			x.wait(time.Minute)
			x.want(x.prints("end", row.l), row.want)
			x.shows(0, row.state, "")
			x.out("end document original 1")
			if row.state == "000122 settled" {
				x.want(x.accept(byVoucher("r1", "7", "")), "refused batch_settled")
				x.want(x.accept(job1("r2", "m7")), "refused batch_settled")
				x.want(x.accept(last("r3", "")), "refused batch_settled")
				x.want(x.prints("late", of(job.CopyCardholder, sold("000007", 500))), "accepted ~late_arrival document:queued")
				x.out("late document late 1")
				x.want(x.accept(job1("r4", "late")), "refused batch_settled")
			} else {
				x.want(x.accept(byVoucher("r1", "7", "")), printed1)
				x.out("m7 document duplicate 2")
				x.prints("m8", sold("000008", 600)) // it must not find a settlement that waits for it
				x.shows(0, "000122 open", "")
				x.out("m8 document original 1")
			}
			if row.l.Type == "settlement" && !row.l.Duplicate {
				x.want(x.accept(command("rs", `"command":"reprint_settlement","terminal_no":"00012345"`)), printed1)
				x.out("end document duplicate 2")
			}
			if err := x.q.Journal.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCapturedLast: the last slip of a program without rules can be printed again; with two programs it must be said of which.
func TestCapturedLast(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	x.want(x.accept(last("r0", "")), "refused no_slip")
	x.prints("a", job.Lifted{})
	x.prints("b", job.Lifted{})
	x.out("a document original 1; b document original 1")
	x.want(x.accept(last("r1", "")), printed1)
	x.want(x.accept(last("r2", `,"terminal_no":"till"`)), "refused not_yet_printed")
	x.out("b document duplicate 2")
	x.want(x.accept(last("r3", `,"terminal_no":"bar"`)), "refused no_slip")
	r := job.Parser{}.Captured(job.Job{ID: "bar1", CreatedAt: x.now()}, job.Capture{Name: "bar", Stream: []byte("Beer")}, []job.Block{{Type: job.BlockText, Text: "Beer"}}, nil)
	x.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture})
	x.want(x.accept(last("r4", "")), "refused terminal_ambiguous")
	x.out("bar1 document original 1")
	x.want(x.accept(last("r5", `,"terminal_no":"bar"`)), printed1)
	x.out("bar1 document duplicate 2")
}

// TestCapturedNumbersBeganAnew: where a terminal's numbers begin again behind each settlement, a sale of the same voucher and amount is a
// sale of today, and no paper of the one before.
func TestCapturedNumbersBeganAnew(t *testing.T) {
	for name, c := range map[string]struct {
		later   time.Duration
		printed bool // the slips say when
		anew    bool
	}{
		"an hour later, by what it prints": {time.Hour, true, true},
		"two days later":                   {48 * time.Hour, false, true},
		"soon, and it does not say when":   {time.Hour, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			x := &program{shop: newShop(t), p: &paper{}}
			sale := func() job.Lifted {
				l := of(job.CopyMerchant, sold("000007", 500))
				if c.printed {
					l.At = x.now()
				}
				return l
			}
			x.want(x.prints("yesterday", sale()), printed1)
			x.wait(time.Minute)
			total := int64(500)
			x.prints("end", job.Lifted{Kind: job.KindSettlement, Type: "settlement", Amount: &total, Settle: job.SettleAuto})
			x.shows(0, "000122 settled", "")
			x.wait(c.later)
			if !c.anew {
				x.want(x.prints("today", sale()), "accepted ~late_arrival document:queued")
				x.shows(0, "000122 settled", "")
				return
			}
			x.want(x.prints("today", sale()), printed1)
			x.shows(0, "000122 settled, 000122 open", "")
			b, err := x.q.Batches.List(t.Context(), "")
			if err != nil || len(b) != 2 || b[0].Slips != 1 || b[1].Slips != 1 {
				t.Fatalf("%v %+v", err, b)
			}
			dup := sale()
			dup.Duplicate = true
			x.want(x.prints("reprint", dup), printed1)
			if b, err := x.q.Batches.List(t.Context(), ""); err != nil || b[0].Slips != 1 {
				t.Errorf("%v %+v", err, b)
			}
		})
	}
}

// TestCapturedAgainWithoutCopies: the same bytes of the same voucher say what they may be also where the rule names no copies.
func TestCapturedAgainWithoutCopies(t *testing.T) {
	x := &program{shop: newShop(t), p: &paper{}}
	same := func(id, text string) {
		t.Helper()
		l := sold("000007", 500)
		l.Rule, l.Currency, l.Merchant, l.Terminal, l.Batch, l.Type = "slip", "CNY", shopNo, "00012345", "000122", "sale"
		r := job.Parser{}.Captured(job.Job{ID: id, CreatedAt: x.now()}, job.Capture{Name: "till", Stream: []byte(text)}, []job.Block{{Type: job.BlockText, Text: text}},
			func([]string) *job.Lifted { return &l })
		x.want(x.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture}), printed1)
	}
	same("a", "for the shop")
	same("b", "for the customer")
	x.out("a document original 1; b document original 1")
	x.wait(time.Hour)
	same("c", "for the shop")
	same("d", "for the customer")
	x.out("c document original 1; d document original 1")
	for i, want := range []bool{false, false, true, true} {
		if x.p.marks[i].Possible != want {
			t.Errorf("%s: possible duplicate: %v", x.p.pieces[i], !want)
		}
	}
}

// TestCapturedSettlementOnceMore: yesterday's settlement that the terminal prints once more asks, and does not close today's batch.
func TestCapturedSettlementOnceMore(t *testing.T) {
	total := int64(500)
	for name, printed := range map[string]bool{"by its bytes": false, "by its time": true} {
		t.Run(name, func(t *testing.T) {
			x := &program{shop: newShop(t), p: &paper{}}
			at := func() time.Time {
				if printed {
					return x.now()
				}
				return time.Time{}
			}
			end := func(id, text string, at time.Time) queue.Answer {
				l := job.Lifted{Kind: job.KindSettlement, Type: "settlement", Amount: &total, Settle: job.SettleAuto, At: at, Rule: "end", Currency: "CNY", Merchant: shopNo, Terminal: "00012345", Batch: "000122"}
				r := job.Parser{}.Captured(job.Job{ID: id, CreatedAt: x.now()}, job.Capture{Name: "till", Stream: []byte(text)}, []job.Block{{Type: job.BlockText, Text: text}},
					func([]string) *job.Lifted { return &l })
				return x.arrive(queue.Arrival{Parsed: r, Source: queue.SourceCapture})
			}
			sale := func(id, voucher string) {
				t.Helper()
				l := sold(voucher, 500)
				l.At = at()
				x.want(x.prints(id, l), printed1)
				x.out(id + " document original 1")
				x.wait(time.Minute)
			}
			sale("yesterday", "000007")
			ended, reprint := at(), "total 5.00"
			if printed {
				reprint = "total 5.00, reprinted by the terminal in other words"
			}
			x.want(end("end", "total 5.00", ended), printed1)
			x.out("end document original 1")
			x.wait(24 * time.Hour)
			sale("today", "000008")
			x.shows(0, "000122 settled, 000122 open", "")
			x.want(end("reprint", reprint, ended), "accepted ~settle_ask document:queued")
			x.shows(0, "000122 settled, 000122 open", "")
			x.out("reprint document original 1")
			x.want(end("own", "total 5.00 of today", at()), printed1)
			x.shows(0, "000122 settled, 000122 settled", "")
		})
	}
}
