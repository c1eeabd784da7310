package queue_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// ticketOf is an order of a table, with more of the envelope and of the payload.
func ticketOf(id, envelope, no, status, payload string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"order"%s,"payload":{"order_no":%q,"status":%q,"currency":"CNY"%s,"bags":[{"items":[{"name":"Beer","qty":"1"}]}]}}`,
		id, envelope, no, status, payload)
}

const seven = `,"placed_at":"2026-08-11T19:00:00+08:00"`

func beer(id, envelope string) string { return ticketOf(id, envelope, "T12-7", "new", seven) }

const kitchen, customer = `,"copies":["kitchen"]`, `,"copies":["customer"]`

var dayRules = []struct {
	name  string
	steps []step
}{
	{"an order dropped again with everything the same is a retry", []step{
		{do: beer("k1", kitchen+`,"printer":"default"`), want: "accepted kitchen:queued"},
		{do: beer("k1", kitchen+`,"printer":"default"`), want: "duplicate kitchen:queued"},
		{do: beer("k1", kitchen+`,"created_at":"2026-08-11T19:40:00+08:00"`), want: "duplicate kitchen:queued"},
		{do: beer("k2", kitchen+`,"printer":"default"`), want: "duplicate kitchen:queued"},
		{print: ok, paper: "k1 kitchen original 1"},
	}},
	{"another station, a later round and other copies are new tickets", []step{
		{do: beer("k1", kitchen), want: "accepted kitchen:queued"},
		{do: beer("k2", kitchen+`,"printer":"default"`), want: "accepted kitchen:queued"},
		{do: beer("k3", kitchen+`,"created_at":"2026-08-11T19:40:00+08:00"`), want: "accepted kitchen:queued"},
		{do: beer("k4", `,"copies":["kitchen","customer"]`), want: "accepted kitchen:queued customer:queued"},
		{do: beer("k5", kitchen+`,"counter":"2"`), want: "accepted kitchen:queued"},
		{print: ok, paper: "k1 kitchen original 1; k2 kitchen original 1; k3 kitchen original 1; k4 kitchen original 1; k4 customer original 1; k5 kitchen original 1"},
	}},
	{"an order's copy that never was is its first", []step{
		{do: beer("k1", kitchen), want: "accepted kitchen:queued"},
		{do: beer("k2", kitchen+`,"counter":"bar"`), want: "accepted kitchen:queued"},
		{do: beer("k4", customer), want: "accepted customer:queued"},
		{do: beer("k4", customer), want: "duplicate customer:queued"},
		{do: beer("k5", customer), want: "accepted customer:queued"}, // there is one: another ticket
		{print: ok, paper: "k1 kitchen original 1; k2 kitchen original 1; k2 customer original 1; k5 customer original 1"},
		{do: command("d", `"command":"mark_defective","target_job_id":"k4","copy":"customer"`), want: "accepted customer:queued"},
		{do: command("r", `"command":"reprint_job","target_job_id":"k4","copies":["delivery"]`), want: "accepted delivery:queued"},
		{print: ok, paper: "k2 customer duplicate 2; k2 delivery original 1"},
	}},
	{"a sale's copy that never was is its first", []step{
		{do: slip{id: "a", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: slip{id: "b", more: `,"copies":["cardholder"]`}.String(), want: "accepted cardholder:queued"},
		{do: slip{id: "b", more: `,"copies":["cardholder"]`}.String(), want: "duplicate cardholder:queued"},
		{do: slip{id: "c", more: `,"copies":["cardholder"]`}.String(), want: "duplicate merchant:queued"},
		{do: slip{id: "d", more: `,"copies":["cardholder","bank"]`}.String(), want: "duplicate ~duplicate merchant:queued"},
		{print: ok, paper: "a merchant original 1; a cardholder original 1"},
		{do: last("l", `,"copies":["merchant","bank"]`), want: "accepted merchant:queued bank:queued"},
		{print: ok, paper: "a merchant duplicate 2; a bank original 1"},
		{do: byVoucher("v", "105233", `,"copies":["bank"]`), want: "accepted bank:queued"},
		{do: byVoucher("v2", "105233", `,"copies":["delivery"]`), want: "refused copy_unknown"},
		{print: ok, paper: "a bank duplicate 2"},
	}},
	{"a copy that was cancelled was one", []step{
		{do: slip{id: "a", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: last("l", `,"copies":["cardholder"]`), want: "accepted cardholder:queued"},
		{do: command("c", `"command":"cancel","target_job_id":"l"`), want: "accepted"},
		{do: slip{id: "b", more: `,"copies":["cardholder"]`}.String(), want: "duplicate merchant:queued"},
	}},
	{"no first copy of a sale that was taken back or settled", []step{
		{do: slip{id: "a", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: slip{id: "v", typ: "sale_void", voucher: "000002", original: "105233", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{print: ok},
		{do: byVoucher("r", "105233", `,"copies":["cardholder"]`), want: "refused slip_undone"},
		{do: slip{id: "b", more: `,"copies":["cardholder"]`}.String(), want: "refused slip_undone"},
		{do: slip{id: "e", voucher: "000003", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: reversal("n", "pending", "000003", "2026-08-11T12:01:00+08:00"), want: "accepted ~reversal_pending merchant:queued"},
		{print: ok},
		{do: byVoucher("r3", "3", `,"copies":["cardholder"]`), want: "refused reversal_pending"},
		{do: reversal("n2", "succeeded", "000003", "2026-08-11T12:02:00+08:00"), want: "accepted merchant:queued"},
		{do: byVoucher("r4", "3", `,"copies":["cardholder"]`), want: "refused slip_undone"},
		{do: slip{id: "f", voucher: "000004", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "g", voucher: "000004", more: `,"copies":["cardholder"]`}.String(), want: "refused batch_settled"},
		{do: command("ar", `"command":"archive_copy","batch_no":"000122","voucher_no":"4","case_no":"1","copies":["cardholder"]`), pin: true, want: "refused copy_unknown"},
	}},
	{"a first copy that is asked for late says so", []step{
		{do: slip{id: "a", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant original 1"},
		{wait: 20 * time.Minute, do: last("l", `,"copies":["cardholder"]`), want: "accepted cardholder:queued"},
		{print: ok, paper: "a cardholder original 1"},
		{wait: 20 * time.Minute, do: last("l2", `,"copies":["bank"]`), want: "accepted bank:queued"},
		{print: ok, paper: "a bank late 1"},
	}},
	{"a cancellation stops its own order", []step{
		{do: ticketOf("t1", kitchen, "7", "new", seven+`,"platform":"meituan"`), want: "accepted kitchen:queued"},
		{do: ticketOf("t2", kitchen, "7", "new", seven+`,"platform":"eleme"`), want: "accepted kitchen:queued"},
		{do: ticketOf("t3", kitchen, "7", "new", `,"placed_at":"2026-08-09T19:00:00+08:00","platform":"meituan"`), want: "accepted kitchen:queued"},
		{do: ticketOf("t4", kitchen, "7", "new", seven+`,"platform":"meituan","table_no":"3"`), want: "accepted kitchen:queued"},
		{do: ticketOf("t5", kitchen, "7", "new", seven+`,"platform":"meituan","store_name":"B"`), want: "accepted kitchen:queued"},
		{do: ticketOf("c", kitchen, "7", "cancelled", seven+`,"platform":"meituan","table_no":"3","store_name":"A"`), want: "accepted kitchen:queued"},
		{print: ok, paper: "t2 kitchen original 1; t3 kitchen original 1; t5 kitchen original 1; c kitchen original 1"},
	}},
	{"a cancellation that may mean several orders stops none", []step{
		{do: ticketOf("t1", kitchen, "7", "new", seven+`,"table_no":"3"`), want: "accepted kitchen:queued"},
		{do: ticketOf("t2", kitchen, "7", "new", seven+`,"table_no":"4"`), want: "accepted kitchen:queued"},
		{do: ticketOf("c", kitchen, "7", "cancelled", seven), want: "accepted ~order_unclear kitchen:queued"},
		{do: ticketOf("c2", kitchen, "7", "cancelled", `,"placed_at":"2026-08-12T19:00:00+08:00"`), want: "accepted ~order_unclear kitchen:queued"},
		{print: ok, paper: "t1 kitchen original 1; t2 kitchen original 1; c kitchen original 1; c2 kitchen original 1"},
		{do: ticketOf("c3", kitchen+`,"created_at":"2026-08-11T19:40:00+08:00"`, "7", "cancelled", seven), want: "accepted kitchen:queued"}, // nothing waits
	}},
	{"both tickets of an order are stopped, and the time tells two orders apart", []step{
		{do: ticketOf("t1", kitchen, "7", "new", seven), want: "accepted kitchen:queued"},
		{do: ticketOf("t2", kitchen+`,"counter":"bar"`, "7", "new", seven), want: "accepted kitchen:queued"},
		{do: ticketOf("t3", kitchen, "7", "new", `,"placed_at":"2026-08-11T20:00:00+08:00"`), want: "accepted kitchen:queued"},
		{do: ticketOf("c", kitchen, "7", "cancelled", seven), want: "accepted kitchen:queued"},
		{print: ok, paper: "t3 kitchen original 1; c kitchen original 1"},
	}},
	{"a clock that was set back makes no late batch", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: slip{id: "b", batch: "000123", voucher: "000001", at: "2026-08-10T09:00:00+08:00"}.String(), want: queued2},
		{print: ok, batches: "000122 settled, 000123 open"},
		{do: last("l", `,"expect_voucher_no":"000001"`), want: queued2},
		{do: slip{id: "c", batch: "000001", voucher: "000002", at: "2026-08-09T09:00:00+08:00"}.String(), want: queued2},
		{print: ok, batches: "000122 settled, 000123 superseded, 000001 open"},
		{do: last("l2", `,"expect_voucher_no":"000002"`), want: queued2},
	}},
	{"a settlement before its slips closes their batch when they come", []step{
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~batch_unknown merchant:queued"},
		{do: slip{id: "a"}.String(), want: "accepted ~settled_before merchant:queued cardholder:queued", batches: "000122 settled"},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-11T12:01:00+08:00"}.String(), want: "accepted ~late_arrival merchant:queued cardholder:queued"},
		{print: ok, paper: "s merchant original 1; a merchant late 1; a cardholder late 1; b merchant late 1; b cardholder late 1"},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:printed", batches: "000122 settled"},
		{do: slip{id: "n", voucher: "000003", at: "2026-08-12T12:01:00+08:00"}.String(), want: queued2, batches: "000122 settled, 000122 open"},
	}},
	{"a settlement before its slips closes nothing later than itself, nor after a day", []step{
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~batch_unknown merchant:queued"},
		{do: slip{id: "n", at: "2026-08-12T12:00:00+08:00"}.String(), want: queued2, batches: "000122 open"},
		{do: settlement("t", "00012345", "000200", nightful, "settlement"), want: "accepted ~batch_unknown merchant:queued"},
		{wait: 25 * time.Hour, do: slip{id: "m", batch: "000200", voucher: "000001"}.String(), want: queued2},
	}},
	{"a settlement before its slips takes effect when it is dropped again", []step{
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted ~batch_unknown merchant:queued"},
		{wait: 25 * time.Hour, do: slip{id: "a"}.String(), want: queued2, batches: "000122 open"},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "duplicate ~settled_later merchant:printed", batches: "000122 settled"},
		{do: settlement("s2", "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:printed", batches: "000122 settled"},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-12T12:01:00+08:00"}.String(), want: queued2, batches: "000122 settled, 000122 open"},
		{do: settlement("s3", "00012345", "000122", nightful, "settlement"), want: "duplicate merchant:printed", batches: "000122 settled, 000122 open"},
	}},
	{"a terminal whose batch number never changes", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: ok},
		{do: settlement("s", "00012345", "000122", nightful, "settlement"), want: "accepted merchant:queued"},
		{do: settlement("s2", "00012345", "000122", "2026-08-12T22:00:00+08:00", "settlement"), want: "accepted ~already_settled merchant:queued"},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-12T12:01:00+08:00"}.String(), want: "accepted ~settled_before merchant:queued cardholder:queued", batches: "000122 settled, 000122 settled"},
	}},
	{"an answer names what followed a no, as often as there was one", []step{
		{do: slip{id: "a"}.String(), want: queued2},
		{print: failing(queue.Uncertain, "link_down")},
		{do: command("u", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false`), want: "accepted merchant:queued"},
		{print: failing(queue.Uncertain, "link_down"), paper: "a merchant original 1; a cardholder original 1; a merchant recovery 2"},
		{do: command("u2", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false`), want: "accepted merchant:queued"},
		{print: ok, paper: "a merchant recovery 3"},
		{do: slip{id: "a"}.String(), want: "duplicate merchant:cancelled(not_out) cardholder:printed merchant:cancelled(not_out) merchant:printed"},
	}},
}

func TestDayRules(t *testing.T) {
	t.Parallel()
	for _, r := range dayRules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			newShop(t).play(r.steps)
		})
	}
}

// TestSecondTicketSaysSo: the mark of a ticket like an earlier one tells when that came; a copy that is the first of its name, a
// reminder and a ticket whose twin never printed have none.
func TestSecondTicketSaysSo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	come := func(text, id string) {
		s.accept(text)
		s.settled(id)
		s.wait(time.Minute)
	}
	first := s.now()
	come(beer("k1", kitchen), "k1")
	come(beer("k2", kitchen+`,"counter":"2"`), "k2")
	come(beer("k3", `,"copies":["kitchen","customer"]`), "k3")
	come(ticketOf("r1", kitchen, "T12-7", "reminder", seven), "r1")
	come(ticketOf("r2", kitchen, "T12-7", "reminder", seven), "r2")
	want := []time.Time{{}, first, first.Add(time.Minute), {}, {}, {}}
	if p.count() != len(want) {
		t.Fatal(p.pieces)
	}
	for i, m := range p.marks {
		if !m.SameAs.Equal(want[i]) || m.Kind != job.MarkOriginal {
			t.Errorf("%s: same as %v, want %v", p.pieces[i], m.SameAs, want[i])
		}
	}
}

// TestFirstCopyAfterALoss: a journal that replaced another cannot know whether a copy of an older slip was printed.
func TestFirstCopyAfterALoss(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := s.q.Journal.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Restore(t.Context(), s.path, backup, s.now()); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Minute)
	s.open()
	s.play([]step{
		{do: slip{id: "a", at: "2026-08-11T12:00:00+08:00", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: byVoucher("r", "105233", `,"copies":["cardholder"]`), want: "refused copy_unknown"},
		{do: slip{id: "b", voucher: "000002", at: "2026-08-12T12:00:00+08:00", more: `,"copies":["merchant"]`}.String(), want: "accepted merchant:queued"},
		{do: byVoucher("r2", "2", `,"copies":["cardholder"]`), want: "accepted cardholder:queued"},
	})
}

// TestFilesFollow: the answers of the files that asked for a slip or dropped a settlement change with what follows elsewhere.
func TestFilesFollow(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{next: failing(queue.Uncertain, "link_down")}
	stop := s.run(p)
	drop := func(name, text string) {
		s.arrive(queue.Arrival{File: name, Parsed: parse(t, text), Source: queue.SourceSpool})
	}
	sub := s.q.Events.Subscribe(-1)
	drop("a.json", slip{id: "a", more: `,"copies":["merchant"]`}.String())
	s.settled("a")
	drop("u.json", command("u", `"command":"resolve_uncertain","target_job_id":"a","copy":"merchant","came_out":false,"operator_no":"07"`))
	s.settled("u")
	stop()
	drop("s.json", settlement("s", "00012345", "000200", nightful, "settlement"))
	drop("b.json", slip{id: "b", batch: "000200", voucher: "000002"}.String())
	told := map[string]int64{}
	for told["b.json"] == 0 {
		e, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		told[e.File] = e.Seq
	}
	for _, row := range []struct{ file, want string }{
		{"a.json", "accepted merchant:cancelled(not_out) merchant:printed"},
		{"s.json", "accepted ~settled_later merchant:queued"},
	} {
		fa, err := s.q.Files.Answer(t.Context(), row.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(fa.Answer); got != row.want {
			t.Errorf("%s: %s, want %s", row.file, got, row.want)
		}
	}
	fa, _ := s.q.Files.Answer(t.Context(), "a.json")
	if c := fa.Answer.Copies; c[1].Replaces != c[0].CopyID || c[1].PrintNo != 2 || told["a.json"] < fa.Revision {
		t.Errorf("%+v, told %v", fa, told)
	}
	list, err := s.q.Files.Unwritten(t.Context())
	if err != nil || len(list) != 4 {
		t.Error(list, err)
	}
}

// TestDuplicatesTellWhatToSend looks at what a duplicate and a copy that cannot be have to say.
func TestDuplicatesTellWhatToSend(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, row := range []struct{ text, fix string }{
		{slip{id: "a"}.String(), `{"command":"reprint_by_voucher","terminal_no":"00012345","voucher_no":"105233"}`},
		{beer("o", kitchen), `{"command":"reprint_job","target_job_id":"o"}`},
		{settlement("s", "00012345", "000122", nightful, "interim"), `{"command":"reprint_settlement","terminal_no":"00012345","batch_no":"000122"}`},
		{command("c", `"command":"cancel","target_job_id":"a"`), "new job_id"},
	} {
		if a := s.accept(row.text); a.Fix != nil || a.Outcome != queue.Accepted {
			t.Errorf("%+v", a)
		}
		a := s.accept(row.text)
		if a.Fix == nil || a.Outcome != queue.Duplicate || !strings.Contains(a.Fix.En, row.fix) || a.Fix.Zh == "" {
			t.Errorf("%s: %+v %v", row.fix, a, a.Fix)
		}
	}
	a := s.accept(byVoucher("v", "105233", `,"copies":["kitchen"]`))
	if fix := a.Errors[0].Fix.En; !strings.Contains(fix, "merchant, cardholder, bank") {
		t.Error(fix)
	}
}
