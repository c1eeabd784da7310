package queue_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// day is a journal with something of everything.
func day(t *testing.T) *shop {
	s := newShop(t)
	s.accept(slip{id: "a", voucher: "000001", amount: 4250, at: "2026-08-11T12:00:00+08:00"}.String())
	s.accept(slip{id: "b", voucher: "000002", amount: 12345, at: "2026-08-11T12:34:10+08:00"}.String())
	s.accept(slip{id: "c", voucher: "000003", amount: 99, terminal: "99999999", batch: "000007", at: "2026-08-11T13:00:00+08:00"}.String())
	s.accept(slip{id: "v", voucher: "000004", typ: "sale_void", original: "000001", at: "2026-08-11T13:10:00+08:00"}.String())
	s.accept(slip{id: "clash", voucher: "000002", amount: 1}.String())
	s.accept(order("o", "5415221202244734", "new"))
	s.accept(reversal("n", "pending", "000009", "2026-08-11T13:20:00+08:00"))
	s.accept(command("x", `"command":"cancel","target_job_id":"c"`))
	return s
}

func TestJobs(t *testing.T) {
	s := day(t)
	for _, row := range []struct {
		f    queue.Filter
		want string
	}{
		{queue.Filter{}, "n o clash v c b a"},
		{queue.Filter{Batch: "current"}, "n clash v c b a"},
		{queue.Filter{Batch: "current", Terminal: "99999999"}, "c"},
		{queue.Filter{Batch: "current", Loose: true}, "n o clash v c b a"},
		{queue.Filter{Batch: "current", Loose: true, Terminal: "99999999"}, "o c"},
		{queue.Filter{Batch: "current", Terminal: "99999999", Q: "5415221202244734"}, "o"},
		{queue.Filter{Batch: "current", Terminal: "99999999", Q: "42.50"}, ""},
		{queue.Filter{Batch: "122", Q: "5415221202244734"}, ""},
		{queue.Filter{Batch: "122"}, "n clash v b a"},
		{queue.Filter{Batch: "000999"}, ""},
		{queue.Filter{BatchID: 2}, "c"},
		{queue.Filter{State: "cancelled"}, "c"},
		{queue.Filter{State: "conflict"}, "clash"},
		{queue.Filter{State: "queued", Kind: "order"}, "o"},
		{queue.Filter{Kind: "command"}, "x"},
		{queue.Filter{Q: "2"}, "b"},
		{queue.Filter{Q: "000001"}, "a"},
		{queue.Filter{Q: "42.50"}, "v a"},
		{queue.Filter{Q: "¥123.45"}, "b"},
		{queue.Filter{Q: "6620"}, "v c b a"},
		{queue.Filter{Q: "6620", Terminal: "99999999"}, "c"},
		{queue.Filter{Q: "5415221202244734"}, "o"},
		{queue.Filter{Q: "nothing"}, ""},
		{queue.Filter{Q: "12:34"}, "b"}, // as the slip says it, wherever this machine is
		{queue.Filter{Q: "12.34"}, "b"},
		{queue.Filter{Q: "1234"}, "b"},
		{queue.Filter{Q: "04:34"}, ""},
		{queue.Filter{Q: "2026-08-11 13:00"}, "c"},
		{queue.Filter{Q: "2026-08-12"}, ""},
		{queue.Filter{From: time.Date(2026, 8, 11, 5, 0, 0, 0, time.UTC)}, "n v c"},
	} {
		var got []string
		for cursor := ""; ; {
			row.f.Limit, row.f.Cursor = 2, cursor
			list, next, err := s.q.Jobs.List(t.Context(), row.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				got = append(got, x.JobID)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if g := strings.Join(got, " "); g != row.want {
			t.Errorf("%+v:\n got %s\nwant %s", row.f, g, row.want)
		}
	}
}

// TestTimeOnTheSlip finds by the terminal's clock whatever zone the host has, a bare time on the latest day that is not to
// come, and what 1234 may be besides a time.
func TestTimeOnTheSlip(t *testing.T) {
	t.Parallel()
	s := newShop(t) // it is 2026-08-11 12:00 UTC: 20:00 at the terminal, 08:00 in New York
	s.accept(slip{id: "late", voucher: "000001", at: "2026-08-10T23:50:00+08:00"}.String())
	s.accept(slip{id: "amount", voucher: "000002", amount: 123400, at: "2026-08-11T09:00:00+08:00"}.String())
	s.accept(slip{id: "voucher", voucher: "001234", at: "2026-08-11T09:00:00+08:00"}.String())
	s.accept(slip{id: "time", voucher: "000003", at: "2026-08-11T12:34:59+08:00"}.String())
	s.accept(slip{id: "york", voucher: "000004", terminal: "99999999", batch: "000007", at: "2026-08-11T07:59:00-04:00"}.String())
	s.accept(slip{id: "ahead", voucher: "000005", at: "2026-08-11T20:03:00+08:00"}.String())
	for text, want := range map[string]string{"1234": "time voucher amount", "12.34": "time", "12:34": "time", "23:50": "late", "07:59": "york", "7.59": "york",
		"20:03": "ahead", "2026-08-10": "late", "1234.00": "amount", "2026-08-11 07:59": "york"} {
		list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{Q: text})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range list {
			got = append(got, x.JobID)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %s, want %s", text, g, want)
		}
	}
	st, err := s.q.Jobs.Show(t.Context(), "york")
	if err != nil {
		t.Fatal(err)
	}
	if at := st.Summary.TransactedAt.Format(time.RFC3339); at != "2026-08-11T07:59:00-04:00" {
		t.Errorf("the slip's time lost its zone: %s", at)
	}
	b, err := s.q.Batches.Get(t.Context(), st.Summary.Batch)
	if err != nil || b.Began.Format(time.RFC3339) != "2026-08-11T07:59:00-04:00" {
		t.Errorf("its batch began at %s: %v", b.Began.Format(time.RFC3339), err)
	}
}

// TestPaidAmountIsFound finds a slip with a coupon by the amount that its paper says was paid, and by its total.
func TestPaidAmountIsFound(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(strings.Replace(slip{id: "coupon", amount: 3800}.String(), `"total":3800,`, `"total":3800,"discount":300,"paid":3500,`, 1))
	for _, text := range []string{"35", "35.00", "38.00"} {
		if list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{Q: text}); err != nil || len(list) != 1 || list[0].JobID != "coupon" {
			t.Errorf("%s: %+v %v", text, list, err)
		}
	}
}

// TestLooseIsRecent shows orders beside the open batches for a day, also when none is open, and finds them later.
func TestLooseIsRecent(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(order("morning", "5415221202244734", "new"))
	s.accept(slip{id: "a", voucher: "000001"}.String())
	list := func(f queue.Filter) string {
		f.Batch = "current"
		got, _, err := s.q.Jobs.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]string, len(got))
		for i := range got {
			ids[i] = got[i].JobID
		}
		return strings.Join(ids, " ")
	}
	if got := list(queue.Filter{Loose: true}); got != "a morning" {
		t.Errorf("the first day: %q", got)
	}
	s.wait(25 * time.Hour)
	if got := list(queue.Filter{Loose: true}); got != "a" {
		t.Errorf("a day later: %q", got)
	}
	if got := list(queue.Filter{Q: "5415221202244734"}); got != "morning" {
		t.Errorf("looked for: %q", got)
	}
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	s.accept(order("evening", "5415221202244735", "new"))
	if got := list(queue.Filter{Loose: true}); got != "evening" {
		t.Errorf("no batch is open: %q", got)
	}
}

func TestStory(t *testing.T) {
	s := day(t)
	stop := s.run(&paper{next: failing(queue.Uncertain, "link_down")})
	s.settled("n")
	stop()
	if _, err := s.q.Decisions.Resolve(t.Context(), s.answer("a").Copies[0].CopyID, true, "07"); err != nil {
		t.Fatal(err)
	}
	st, err := s.q.Jobs.Show(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if st.Summary.Money != "voided" || st.Summary.VoucherNo != "000001" || !json.Valid(st.Job) {
		t.Errorf("%+v", st.Summary)
	}
	var told []string
	for _, l := range st.Lines {
		told = append(told, l.Text.En)
	}
	want := []string{
		"accepted · http (01)",
		"printing began · print 1 original [default]",
		"uncertain: nobody knows whether it came out · link_down [default]",
		"printing began · print 1 original [default]",
		"printed [default]",
		"a person said · came out (07)",
		"printed · by 07 [default]",
	}
	if strings.Join(told, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	if r, err := s.q.Jobs.Reversals(t.Context(), false); err != nil || len(r) != 1 || r[0].VoucherNo != "000009" || r[0].Status != "pending" {
		t.Errorf("%+v %v", r, err)
	}
	if l, err := s.q.Jobs.Last(t.Context(), "00012345"); err != nil || l.JobID != "v" {
		t.Errorf("%+v %v", l, err)
	}
	if _, err := s.q.Jobs.Last(t.Context(), ""); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("two terminals: %v", err)
	}
	if _, err := s.q.Jobs.Show(t.Context(), "nobody"); !errors.Is(err, queue.ErrNotFound) {
		t.Error(err)
	}
}

func TestBatches(t *testing.T) {
	s := day(t)
	list, err := s.q.Batches.List(t.Context(), "")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	b := list[1]
	if b.BatchNo != "000122" || b.State != queue.BatchOpen || b.Slips != 4 || b.Unprinted != 7 {
		t.Errorf("%+v", b)
	}
	if a, err := s.q.Decisions.ReopenBatch(t.Context(), b.ID, "boss"); err != nil || a.Outcome != queue.Refused {
		t.Errorf("%+v %v", a, err)
	}
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	if a, err := s.q.Decisions.ReopenBatch(t.Context(), b.ID, "boss"); err != nil || a.Outcome != queue.Accepted {
		t.Errorf("%+v %v", a, err)
	}
	if a := s.accept(last("r", `,"terminal_no":"00012345"`)); a.Errors[0].Code != "not_yet_printed" {
		t.Errorf("reopened: %+v", a)
	}
	if _, err := s.q.Decisions.CloseBatch(t.Context(), 77, "boss"); !errors.Is(err, queue.ErrNotFound) {
		t.Error(err)
	}
	tally, err := s.q.Batches.Tally(t.Context(), b.ID)
	if err != nil || len(tally) != 2 || tally[0].Type != "sale" || tally[0].Count != 2 || tally[0].Amount != 16595 {
		t.Errorf("%+v %v", tally, err)
	}
}

func TestBackupAndExport(t *testing.T) {
	t.Parallel()
	s := day(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := s.q.Journal.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := s.q.Journal.Backup(t.Context(), file); !errors.Is(err, os.ErrExist) {
		t.Errorf("overwrites: %v", err)
	}
	other, err := queue.Open(t.Context(), file, queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if a, err := other.Jobs.Answer(t.Context(), "a"); err != nil || len(a.Copies) != 2 {
		t.Errorf("%+v %v", a, err)
	}
	var b bytes.Buffer
	if err := s.q.Batches.Export(t.Context(), 1, &b, "json"); err != nil {
		t.Fatal(err)
	}
	var all struct {
		Batch queue.Batch
		Jobs  []queue.Summary
	}
	if err := json.Unmarshal(b.Bytes(), &all); err != nil || len(all.Jobs) != 5 || all.Jobs[0].JobID != "a" {
		t.Errorf("%v %s", err, b.String())
	}
	b.Reset()
	if err := s.q.Batches.Export(t.Context(), 1, &b, "csv"); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) != 1+2+2+2+1+1 || rows[1][8] != "42.50" || rows[1][3] != "voided" {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestVerify shows that what may never be is found.
func TestVerify(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]string{
		"number twice": "UPDATE copies SET print_no = 1, name = 'merchant'",
		"unmarked":     "UPDATE copies SET print_no = 2 WHERE seq = 1",
		"no attempt":   "UPDATE copies SET state = 'printed', proof = 'printed' WHERE seq = 2",
		"no job":       "DELETE FROM jobs WHERE job_id = 'a'",
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.accept(slip{id: "a"}.String())
			if err := s.q.Journal.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := queue.Exec(s.q, harm); err != nil {
				t.Fatal(err)
			}
			if err := s.q.Journal.Verify(t.Context()); !errors.Is(err, queue.ErrCorrupt) {
				t.Errorf("not found: %v", err)
			}
		})
	}
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	if err := queue.Exec(s.q, "UPDATE events SET detail = 'nothing happened'"); err == nil {
		t.Error("an event was rewritten")
	}
}

// TestRetention shows what is removed, what stays, and that a jumping clock removes nothing.
func TestRetention(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	s.drop("a.json", slip{id: "a"}.String())
	s.settled("a")
	s.accept(last("r", ""))
	s.settled("r")
	s.accept(settlement("s", "00012345", "000122", nightful, "settlement"))
	s.settled("s")
	s.accept(order("o", "77", "new"))
	s.settled("o")
	s.accept(slip{id: "open", batch: "000123", voucher: "000001", at: "2026-08-12T12:00:00+08:00"}.String())
	s.settled("open")
	purge := func() int {
		t.Helper()
		n, err := s.q.Retention.Purge(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	gone := func(id string) bool {
		_, err := s.q.Jobs.Answer(t.Context(), id)
		return errors.Is(err, queue.ErrNotFound)
	}
	s.wait(25 * 31 * 24 * time.Hour)
	if n := purge(); n != 0 {
		t.Errorf("%d removed for a clock that jumped", n)
	}
	later := func(days int, id string) {
		at := s.now().AddDate(0, 0, days)
		for i := range 25 {
			s.accept(slip{id: fmt.Sprint(id, i), batch: "000123", voucher: fmt.Sprintf("%06d", days*100+i+2), at: at.Format(time.RFC3339)}.String())
		}
	}
	s.wait(-25*31*24*time.Hour + 40*24*time.Hour)
	later(0, "x")
	if n := purge(); n != 1 || !gone("o") || gone("a") {
		t.Errorf("after 40 days %d removed; order gone %v, slip gone %v", n, gone("o"), gone("a"))
	}
	s.wait(24 * 31 * 24 * time.Hour)
	later(1, "y")
	s.wait(48 * time.Hour)
	if purge(); !gone("a") || !gone("r") || !gone("s") || gone("open") || gone("x0") {
		t.Errorf("after two years: a %v r %v s %v open %v x0 %v", gone("a"), gone("r"), gone("s"), gone("open"), gone("x0"))
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{Q: "105233"}); err != nil || len(list) != 0 {
		t.Errorf("still found: %+v %v", list, err)
	}
	if got := mustLast(t, s); got.VoucherNo == "" {
		t.Errorf("%+v", got)
	}
}

func mustLast(t *testing.T, s *shop) queue.Summary {
	t.Helper()
	l, err := s.q.Jobs.Last(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestReusedID: other content under a job_id that is taken is kept and listed, once however often it comes, and no printer
// sees it. A command is only answered.
func TestReusedID(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	s.accept(slip{id: "a"}.String())
	s.settled("a")
	for i, x := range []string{
		slip{id: "a", voucher: "000002", amount: 77}.String(), slip{id: "a", voucher: "000002", amount: 77}.String(), slip{id: "a", voucher: "000003"}.String(),
		order("a", "55", "new"),
	} {
		if a := s.accept(x); a.Outcome != queue.Conflict || a.JobID != "a" || a.Errors[0].Code != "job_id_reused" || len(a.Copies) != 2 {
			t.Errorf("%d: %+v", i, a)
		}
	}
	s.accept(command("a", `"command":"cancel","target_job_id":"b"`))
	list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{State: "conflict"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, j := range list {
		got += fmt.Sprintf("%s %s %s %d; ", j.JobID, j.BatchNo, j.VoucherNo, j.Amount)
	}
	if want := "a~4   0; a~3 000122 000003 4250; a~2 000122 000002 77; "; got != want {
		t.Errorf("listed %q, want %q", got, want)
	}
	if open, _, err := s.q.Jobs.List(t.Context(), queue.Filter{Batch: "current", State: "conflict"}); err != nil || len(open) != 2 {
		t.Errorf("of the open batch: %+v %v", open, err)
	}
	st, err := s.q.Jobs.Show(t.Context(), "a~2")
	if err != nil || st.Answer.Outcome != queue.Conflict || !strings.Contains(string(st.Job), "000002") || len(st.Lines) != 1 {
		t.Errorf("story %+v %v", st, err)
	}
	if st, err = s.q.Jobs.Show(t.Context(), "a"); err != nil || !strings.Contains(fmt.Sprint(st.Lines), "a~3") {
		t.Errorf("the first one's story does not tell: %+v %v", st.Lines, err)
	}
	if r := s.accept(byVoucher("r", "000002", "")); r.Outcome != queue.Refused {
		t.Errorf("reprinted: %+v", r)
	}
	if p.count() != 2 {
		t.Errorf("paper %v", p.pieces)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
