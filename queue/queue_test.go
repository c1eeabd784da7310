package queue_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// shop is a queue on a real file with a clock that tests move.
type shop struct {
	t    testing.TB
	q    *queue.Queue
	path string
	o    queue.Options
	mu   sync.Mutex
	at   time.Time
}

func newShop(t testing.TB, change ...func(*queue.Options)) *shop {
	s := &shop{t: t, path: filepath.Join(t.TempDir(), "journal.db"), at: time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)}
	s.o = queue.Options{Ballast: -1, Now: s.now}
	for _, c := range change {
		c(&s.o)
	}
	s.open()
	t.Cleanup(func() {
		s.q.Close()
		s.countsAreRight()
	})
	return s
}

// countsAreRight checks, behind every test, that a batch knows how many slips it has. Of a journal that a test broke nothing is said.
func (s *shop) countsAreRight() {
	db := s.raw()
	defer db.Close()
	var wrong int
	err := db.QueryRow("SELECT count(*) FROM batches b WHERE b.vouchers <> (SELECT count(*) FROM jobs j WHERE j.batch = b.id AND j.voucher >= 0)").Scan(&wrong)
	if err == nil && wrong > 0 {
		s.t.Errorf("%d batches have another number of slips than they say", wrong)
	}
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *shop) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func (s *shop) open() {
	s.t.Helper()
	q, err := queue.Open(context.Background(), s.path, s.o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.q = q
}

func (s *shop) reopen() {
	s.t.Helper()
	if err := s.q.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.open()
}

// parse reads a job that must be valid.
func parse(t testing.TB, text string) job.Result {
	t.Helper()
	r := job.Parse([]byte(text))
	if r.Job == nil {
		t.Fatalf("job: %v\n%s", r.Errors, text)
	}
	return r
}

func (s *shop) accept(text string) queue.Answer {
	s.t.Helper()
	return s.arrive(queue.Arrival{Parsed: parse(s.t, text), Source: queue.SourceHTTP})
}

func (s *shop) arrive(a queue.Arrival) queue.Answer {
	s.t.Helper()
	ans, err := s.q.Requests.Accept(context.Background(), a)
	if err != nil {
		s.t.Fatal(err)
	}
	return ans
}

func (s *shop) answer(id string) queue.Answer {
	s.t.Helper()
	a, err := s.q.Jobs.Answer(context.Background(), id)
	if err != nil {
		s.t.Fatal(id, err)
	}
	return a
}

// until polls a condition with a deadline.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within a minute: %s", what)
}

// paper is a printer of the tests: what it is told to do with each copy, and what came out.
type paper struct {
	mu     sync.Mutex
	pieces []string
	marks  []job.Mark
	ids    []queue.ProofID
	next   []queue.Result // used up first; then everything is printed
}

func (p *paper) deliver(ctx context.Context, d queue.Delivery) queue.Result {
	p.mu.Lock()
	r := queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 100}
	if len(p.next) > 0 {
		r = p.next[0]
		p.next = p.next[1:]
	}
	p.mu.Unlock()
	if r.State == queue.Queued && r.Bytes == 0 || r.Err != nil {
		return r
	}
	id, err := d.Begin(ctx)
	if err != nil {
		return queue.Result{State: queue.Queued}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids = append(p.ids, id)
	p.marks = append(p.marks, d.Mark)
	p.pieces = append(p.pieces, fmt.Sprintf("%s %s %s %d", d.Job.ID, d.Copy, d.Mark.Kind, d.Mark.PrintNo))
	return r
}

func (p *paper) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pieces)
}

// run prints in the background until the test ends or stop is called.
func (s *shop) run(p *paper, printers ...string) (stop func()) {
	if len(printers) == 0 {
		printers = []string{"default"}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.q.Printing.Run(ctx, printers, p.deliver) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				s.t.Error(err)
			}
		})
	}
	s.t.Cleanup(stop)
	return stop
}

// settled waits until no copy of a job is queued or at the printer.
func (s *shop) settled(id string) queue.Answer {
	s.t.Helper()
	var a queue.Answer
	until(s.t, id+" settled", func() bool {
		a = s.answer(id)
		for _, c := range a.Copies {
			if c.State == queue.Queued || c.State == queue.Sending {
				return false
			}
		}
		return true
	})
	return a
}

type slip struct {
	id, typ, result, terminal, batch, voucher, original, at string
	amount                                                  int
	more                                                    string
}

func (x slip) String() string {
	def := func(s *string, d string) {
		if *s == "" {
			*s = d
		}
	}
	def(&x.typ, "sale")
	def(&x.result, "approved")
	def(&x.terminal, "00012345")
	def(&x.batch, "000122")
	def(&x.voucher, "105233")
	def(&x.at, "2026-08-11T12:00:00+08:00")
	def(&x.id, "j-"+x.batch+"-"+x.voucher+"-"+x.typ)
	if x.amount == 0 {
		x.amount = 4250
	}
	orig := ""
	if x.original != "" {
		orig = fmt.Sprintf(`,"original":{"voucher_no":%q}`, x.original)
	}
	return fmt.Sprintf(`{"job_id":%q,"kind":"transaction","created_at":%q%s,"payload":{"transaction_type":%q,"result":%q,
		"merchant":{"name":"人民商场","no":"898510154110283"},"terminal_no":%q,"operator_no":"01",
		"card":{"masked_pan":"622202******6620","entry_mode":"chip"},"batch_no":%q,"voucher_no":%q,
		"transacted_at":%q,"amount":{"total":%d,"currency":"CNY"}%s}}`,
		x.id, x.at, x.more, x.typ, x.result, x.terminal, x.batch, x.voucher, x.at, x.amount, orig)
}

func command(id, fields string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"command","created_at":"2026-08-11T12:34:56+08:00","payload":{%s}}`, id, fields)
}

func settlement(id, terminal, batch, at, scope string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"settlement","created_at":%q,"payload":{"merchant":{"name":"人民商场","no":"898510154110283"},
		"terminal_no":%q,"operator_no":"01","batch_no":%q,"settled_at":%q,"scope":%q,"currency":"CNY",
		"blocks":[{"scope":"domestic","reconciliation":"balanced","debit":{"count":1,"amount":4250},"credit":{"count":0,"amount":0},"rows":[]}]}}`,
		id, at, terminal, batch, at, scope)
}

func TestFirstDay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	a := s.accept(slip{id: "a"}.String())
	if a.Outcome != queue.Accepted || len(a.Copies) != 2 {
		t.Fatalf("%+v", a)
	}
	a = s.settled("a")
	for _, c := range a.Copies {
		if c.State != queue.Printed || c.PrintNo != 1 || c.Mark != job.MarkOriginal {
			t.Errorf("%+v", c)
		}
	}
	if d := s.accept(slip{id: "a"}.String()); d.Outcome != queue.Duplicate || len(d.Copies) != 2 {
		t.Errorf("again: %+v", d)
	}
	r := s.accept(command("r", `"command":"reprint_last","terminal_no":"00012345","operator_no":"01"`))
	if r.Outcome != queue.Accepted || r.TargetJobID != "a" || len(r.Copies) != 2 {
		t.Fatalf("%+v", r)
	}
	s.settled("r")
	if x := s.accept(settlement("s", "00012345", "000122", "2026-08-11T22:00:00+08:00", "settlement")); x.Outcome != queue.Accepted {
		t.Fatalf("%+v", x)
	}
	s.settled("s")
	r = s.accept(command("r2", `"command":"reprint_by_voucher","voucher_no":"105233","terminal_no":"00012345","operator_no":"01"`))
	if r.Outcome != queue.Refused || r.Errors[0].Code != "batch_settled" {
		t.Fatalf("%+v", r)
	}
	want := "[a merchant original 1 a cardholder original 1 a merchant duplicate 2 a cardholder duplicate 2 s merchant original 1]"
	if got := fmt.Sprint(p.pieces); got != want {
		t.Errorf("paper:\n got %s\nwant %s", got, want)
	}
}

// TestRefusedAgain asks for the answer of a refused command while that is asked again: there is one at every moment.
func TestRefusedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	text := command("r", `"command":"reprint_last","operator_no":"01"`)
	s.accept(text)
	again := make(chan struct{})
	go func() {
		defer close(again)
		for range 50 {
			s.accept(text)
		}
	}()
	defer func() { <-again }()
	for {
		if a := s.answer("r"); a.Outcome != queue.Refused {
			t.Fatalf("%+v", a)
		}
		select {
		case <-again:
			return
		default:
		}
	}
}
