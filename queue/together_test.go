package queue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/receiptd/receiptd/queue"
)

// clock gives a terminal's time some minutes after noon.
func clock(minutes int) string {
	return time.Date(2026, 8, 11, 12, minutes, 0, 0, time.FixedZone("", 8*3600)).Format(time.RFC3339)
}

// togetherRules are jobs that arrive together: what a later one is told depends on what an earlier one of the same
// transaction changed.
var togetherRules = []struct {
	name string
	jobs []string
	want []string // "" is anything
}{
	{"a settlement, then a sale of the same number: a new instance", []string{
		slip{id: "a", voucher: "000001", at: clock(0)}.String(),
		slip{id: "b", voucher: "000002", at: clock(1)}.String(),
		settlement("s", "00012345", "000122", clock(2), "settlement"),
		slip{id: "c", voucher: "000001", at: clock(3)}.String(),
		slip{id: "late", voucher: "000009", at: clock(1)}.String(),
		last("l", `,"expect_voucher_no":"000001"`),
	}, []string{queued2, queued2, "accepted ~unprinted_slips merchant:queued", queued2, "accepted ~late_arrival merchant:queued cardholder:queued", "refused not_yet_printed"}},
	{"the last slip is the last one, whatever was asked between", []string{
		slip{id: "a", voucher: "000001", at: clock(0)}.String(),
		last("l1", `,"expect_voucher_no":"000001"`),
		slip{id: "b", voucher: "000002", at: clock(1)}.String(),
		last("l2", `,"expect_voucher_no":"000002"`),
		last("l3", `,"expect_voucher_no":"000001"`),
	}, []string{queued2, "refused not_yet_printed", queued2, "refused not_yet_printed", "refused voucher_changed"}},
	{"a batch that goes on is superseded by the next", []string{
		slip{id: "a", voucher: "000001", at: clock(0)}.String(),
		slip{id: "b", voucher: "000002", batch: "000123", at: clock(5)}.String(),
		slip{id: "c", voucher: "000003", at: clock(3)}.String(),
		slip{id: "d", voucher: "000004", at: clock(6)}.String(),
		slip{id: "e", voucher: "000005", at: clock(7)}.String(),
	}, []string{queued2, queued2, queued2, queued2, queued2}},
	{"two terminals in turns", []string{
		slip{id: "a", voucher: "000001", at: clock(0)}.String(),
		slip{id: "b", voucher: "000001", terminal: "00054321", at: clock(1)}.String(),
		slip{id: "c", voucher: "000002", at: clock(2)}.String(),
		slip{id: "d", voucher: "000002", terminal: "00054321", at: clock(3)}.String(),
		settlement("s", "00012345", "000122", clock(4), "settlement"),
		slip{id: "e", voucher: "000003", terminal: "00054321", at: clock(5)}.String(),
		slip{id: "f", voucher: "000003", at: clock(5)}.String(),
	}, []string{queued2, queued2, queued2, queued2, "accepted ~unprinted_slips merchant:queued", queued2, queued2}},
	{"an adjustment, a void, and retries", []string{
		slip{id: "a", voucher: "000001", typ: "offline_sale", at: clock(1)}.String(),
		slip{id: "b", voucher: "000001", typ: "adjustment", amount: 4000, at: clock(0)}.String(),
		slip{id: "c", voucher: "000002", typ: "sale_void", original: "000001", at: clock(2)}.String(),
		slip{id: "d", voucher: "000001", amount: 1, at: clock(2)}.String(),
		slip{id: "e", voucher: "000001", typ: "adjustment", amount: 4000, at: clock(0)}.String(),
		slip{id: "a", voucher: "000001", typ: "offline_sale", at: clock(1)}.String(),
		slip{id: "a", voucher: "000001", typ: "offline_sale", amount: 2, at: clock(1)}.String(),
	}, []string{queued2, queued2, queued2, "conflict voucher_conflict", "", "duplicate merchant:queued cardholder:queued", ""}},
	{"an approval after its reversal began", []string{
		slip{id: "u", result: "unknown", at: clock(0)}.String(),
		reversal("n", "pending", "105233", clock(1)),
		slip{id: "late", at: clock(0)}.String(),
	}, []string{"accepted", "accepted ~reversal_pending merchant:queued", "conflict late_approval"}},
}

// TestTogether gives the jobs of each story at once, also after a commit that failed, and compares the journal with that of the
// same jobs one by one.
func TestTogether(t *testing.T) {
	for _, r := range togetherRules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for i, got := range sameTogether(t, r.jobs, func() int { return len(r.jobs) }) {
				if r.want[i] != "" && got != r.want[i] {
					t.Errorf("job %d:\n got %s\nwant %s", i, got, r.want[i])
				}
			}
		})
	}
}

// TestAnythingTogether is TestTogether for random stories, given in pieces of random length.
func TestAnythingTogether(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			sameTogether(t, randomJobs(r, 60), func() int { return 1 + r.IntN(20) })
		})
	}
}

func randomJobs(r *rand.Rand, n int) []string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var jobs []string
	for i := range n {
		id, terminal, batch := fmt.Sprint("j", i), pick("00012345", "00012345", "00054321"), pick("000122", "000122", "000122", "000123")
		voucher, at := fmt.Sprintf("%06d", 1+r.IntN(12)), clock(i+r.IntN(6)-r.IntN(20))
		switch k := r.IntN(30); {
		case k < 18:
			jobs = append(jobs, slip{id: id, terminal: terminal, batch: batch, voucher: voucher, at: at, amount: 4250 + r.IntN(2), result: pick("approved", "approved", "unknown")}.String())
		case k < 20:
			jobs = append(jobs, slip{id: id, terminal: terminal, batch: batch, voucher: voucher, at: at, typ: "adjustment", amount: r.IntN(3) + 1}.String())
		case k < 22:
			jobs = append(jobs, slip{id: id, terminal: terminal, batch: batch, voucher: fmt.Sprintf("%06d", 20+i), at: at, typ: "sale_void", original: voucher}.String())
		case k < 24:
			jobs = append(jobs, settlement(id, terminal, batch, at, pick("settlement", "settlement", "interim")))
		case k < 26:
			jobs = append(jobs, reversal(id, pick("pending", "failed", "succeeded"), voucher, at))
		case k < 27:
			jobs = append(jobs, last(id, `,"terminal_no":"`+terminal+`"`))
		case k < 28:
			jobs = append(jobs, order(id, voucher, pick("new", "cancelled")))
		case len(jobs) > 0:
			jobs = append(jobs, pick(jobs...))
		}
	}
	return jobs
}

// sameTogether takes jobs one by one, in pieces, and in pieces of which every other commit fails at first: the answers and the
// journals are the same. It gives the answers.
func sameTogether(t *testing.T, jobs []string, piece func() int) []string {
	t.Helper()
	arrivals := make([]queue.Arrival, len(jobs))
	for i, text := range jobs {
		arrivals[i] = queue.Arrival{File: fmt.Sprintf("%d.json", i%17), Parsed: parse(t, text), Source: queue.SourceSpool}
	}
	var want []string
	alone := newShop(t)
	for _, a := range arrivals {
		want = append(want, describe(alone.arrive(a)))
	}
	wantRows := alone.dump()
	for _, failing := range []bool{false, true} {
		s := newShop(t)
		var got []string
		for rest, odd := slices.Clone(arrivals), true; len(rest) > 0; odd = !odd {
			n := min(piece(), len(rest))
			if failing && odd && n > 1 { // then each is asked alone
				queue.FailCommit(s.q)
			}
			answers, errs := s.q.Requests.AcceptAll(t.Context(), rest[:n])
			for i, a := range answers {
				if errs[i] != nil {
					t.Fatal(errs[i])
				}
				got = append(got, describe(a))
			}
			rest = rest[n:]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("answers (commits fail: %v):\n%s", failing, d)
		}
		if d := cmp.Diff(wantRows, s.dump()); d != "" {
			t.Errorf("journal (commits fail: %v):\n%s", failing, d)
		}
	}
	return want
}

// dump closes the journal and gives its rows.
func (s *shop) dump() []string {
	s.t.Helper()
	if err := s.q.Journal.Verify(s.t.Context()); err != nil {
		s.t.Error(err)
	}
	if err := s.q.Close(); err != nil {
		s.t.Fatal(err)
	}
	db := s.raw()
	defer db.Close()
	var all []string
	for _, table := range []string{"batches", "reversals", "jobs", "copies", "events", "files", "keys"} {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			s.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			s.t.Fatal(err)
		}
		for rows.Next() {
			row := make([]any, len(columns))
			to := make([]any, len(columns))
			for i := range row {
				to[i] = &row[i]
			}
			if err := rows.Scan(to...); err != nil {
				s.t.Fatal(err)
			}
			var b strings.Builder
			for i, c := range columns {
				fmt.Fprintf(&b, " %s=%s", c, fmt.Sprint(row[i]))
			}
			all = append(all, table+b.String())
		}
		if err := rows.Err(); err != nil {
			s.t.Fatal(err)
		}
	}
	return all
}
