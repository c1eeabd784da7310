package spool_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/logtest"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

// A shop is a drop folder with its journal and nobody printing.
type shop struct {
	t       *testing.T
	dir     string
	journal *queue.Queue
	spool   *spool.Spool // the one that runs
	log     logtest.Buffer
	before  func(*spool.Spool) // called before it runs
	hangs   bool               // Run and Answer are expected to be cut off
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir()}
	s.open()
	return s
}

func (s *shop) open() {
	s.t.Helper()
	j, err := queue.Open(s.t.Context(), filepath.Join(s.dir, "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		s.t.Fatal(err)
	}
	s.journal = j
	s.t.Cleanup(func() { j.Close() })
}

// run starts the drop folder and gives what ends it.
func (s *shop) run() (stop func()) {
	s.t.Helper()
	sp, err := spool.New(s.path("spool"), s.journal, spool.Options{Settle: 300 * time.Millisecond, Rescan: 100 * time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(&s.log, nil))})
	if err != nil {
		s.t.Fatal(err)
	}
	s.spool = sp
	if s.before != nil {
		s.before(sp)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	done, answered := make(chan error, 1), make(chan error, 1)
	go func() { done <- sp.Run(ctx) }()
	go func() { answered <- sp.Answer(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := errors.Join(<-done, <-answered); (err != nil) != s.hangs {
			s.t.Errorf("Run, Answer: %v", err)
		}
		sp.Close()
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *shop) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

func (s *shop) incoming(name string) string { return s.path("spool", "incoming", name) }

// drop drops a file the way programs should.
func (s *shop) drop(name string, data []byte) {
	s.t.Helper()
	if err := os.MkdirAll(s.path("spool", "incoming"), 0o770); err != nil {
		s.t.Fatal(err)
	}
	tmp := s.incoming("." + name + ".tmp")
	if err := os.WriteFile(tmp, data, 0o660); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, s.incoming(name)); err != nil {
		s.t.Fatal(err)
	}
}

// await polls until ok or the test's patience ends.
func (s *shop) await(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// answer waits for the answer to a name.
func (s *shop) answer(name string) (a queue.Answer) {
	s.t.Helper()
	s.await("the answer to "+name, func() bool {
		data, err := os.ReadFile(s.path("spool", "results", name))
		return err == nil && json.Unmarshal(data, &a) == nil
	})
	return a
}

func (s *shop) exists(parts ...string) bool {
	_, err := os.Lstat(s.path(parts...))
	return err == nil
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "examples", "jobs", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sale is the sample sale with another id and voucher.
func sale(t *testing.T, n int) []byte {
	t.Helper()
	data := sample(t, "01-sale-chip.json")
	data = bytes.ReplaceAll(data, []byte("c1-000122-105233-a"), fmt.Appendf(nil, "sale-%06d", n))
	return bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", n))
}

func TestJobIsAcceptedAnsweredAndRemoved(t *testing.T) {
	s := newShop(t)
	s.run()
	s.drop("x.json", sale(t, 7))
	a := s.answer("x.json")
	if a.Outcome != queue.Accepted || a.File != "x.json" || a.JobID != "sale-000007" || len(a.Copies) != 2 || a.Copies[0].State != queue.Queued {
		t.Errorf("answer %+v", a)
	}
	s.await("the claimed file to go", func() bool {
		left, err := os.ReadDir(s.path("spool", ".taken"))
		return err == nil && len(left) == 0
	})
	if s.exists("spool", "incoming", "x.json") {
		t.Error("the file is still in the drop folder")
	}
}

func TestFilesWrittenInPlace(t *testing.T) {
	s := newShop(t)
	s.run()
	data := sale(t, 8)
	f, err := os.Create(s.incoming("slow.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data[:100]); err != nil {
		t.Fatal(err)
	}
	a := s.answer("slow.json") // it does not change for the settle time
	if a.Outcome != queue.Rejected || a.Errors[0].Code != "incomplete" {
		t.Fatalf("half a file: %+v", a)
	}
	if !s.exists("spool", "incoming", "slow.json") {
		t.Fatal("the incomplete file was taken away")
	}
	if _, err := f.Write(data[100:]); err != nil {
		t.Fatal(err)
	}
	s.await("the completed file to be accepted", func() bool { return s.answer("slow.json").Outcome == queue.Accepted })
}

// A second file of one name renamed over the first before it was claimed replaces it on the disk: that is the dropping
// program's word. One that comes after the claim is another arrival; both are in the journal.
func TestSameNameAgain(t *testing.T) {
	s := newShop(t)
	s.run()
	s.drop("x.json", sale(t, 1))
	s.answer("x.json")
	s.drop("x.json", sale(t, 2))
	s.await("the newest arrival's answer", func() bool { return s.answer("x.json").JobID == "sale-000002" })
	for _, id := range []string{"sale-000001", "sale-000002"} {
		if _, err := s.journal.Jobs.Answer(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestOrderOfFilesDroppedTogether(t *testing.T) {
	s := newShop(t)
	s.drop("a-command.json", sample(t, "10-reprint-last.json"))
	s.drop("b-settlement.json", sample(t, "17-settlement.json"))
	s.drop("c-sale.json", sample(t, "01-sale-chip.json"))
	now := time.Now()
	for _, name := range []string{"a-command.json", "b-settlement.json", "c-sale.json"} {
		if err := os.Chtimes(s.incoming(name), now, now); err != nil {
			t.Fatal(err)
		}
	}
	s.run()
	if a := s.answer("c-sale.json"); a.Outcome != queue.Accepted || len(a.Warnings) != 0 {
		t.Errorf("the sale: %+v", a)
	}
	if a := s.answer("b-settlement.json"); a.Outcome != queue.Accepted {
		t.Errorf("the settlement: %+v", a)
	}
	if a := s.answer("a-command.json"); a.Outcome != queue.Refused || a.Errors[0].Code != "batch_settled" {
		t.Errorf("the reprint command goes last: %+v", a)
	}
}

// TestOrderOfFilesDroppedOneAfterTheOther: a command is about what was there when it was dropped; a settlement waits for the
// slips that its terminal made before it, and not for those of the batch that follows.
func TestOrderOfFilesDroppedOneAfterTheOther(t *testing.T) {
	s := newShop(t)
	settlement := sample(t, "17-settlement.json")
	change := func(data []byte, pairs ...string) []byte {
		for i := 0; i < len(pairs); i += 2 {
			if !bytes.Contains(data, []byte(pairs[i])) {
				t.Fatalf("no %s in the sample", pairs[i])
			}
			data = bytes.ReplaceAll(data, []byte(pairs[i]), []byte(pairs[i+1]))
		}
		return data
	}
	r := job.Parse(settlement)
	if r.Job == nil {
		t.Fatal(r.Errors)
	}
	day := r.Job.Settlement.SettledAt.Format("2006-01-02T")
	sale := sample(t, "01-sale-chip.json")
	at := job.Parse(sale).Job.Transaction.TransactedAt.Format(time.RFC3339)
	files := []struct {
		name string
		data []byte
	}{
		{"1-cancel.json", []byte(`{"job_id":"stop","kind":"command","payload":{"command":"cancel","target_job_id":"late"}}`)},
		{"2-settlement.json", settlement},
		{"3-sale.json", change(sale, "c1-000122-105233-a", "late")},
		{"4-next.json", change(sale, "c1-000122-105233-a", "next", "105233", "105234", at, day+"23:59:00+08:00")},
	}
	for i, f := range files {
		s.drop(f.name, f.data)
		when := time.Now().Add(time.Duration(3*(i-len(files))) * time.Second)
		if err := os.Chtimes(s.incoming(f.name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	s.run()
	if a := s.answer("1-cancel.json"); a.Outcome != queue.Refused || a.Errors[0].Code != "job_unknown" {
		t.Errorf("the command, dropped before the slip: %+v", a)
	}
	for _, name := range []string{"2-settlement.json", "3-sale.json", "4-next.json"} {
		if a := s.answer(name); a.Outcome != queue.Accepted || len(a.Warnings) != 0 && name != "2-settlement.json" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	list, err := s.journal.Batches.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	states := ""
	for _, b := range list {
		states += string(b.State) + " "
	}
	if len(list) != 2 || !strings.Contains(states, "settled") || !strings.Contains(states, "open") {
		t.Errorf("batches: %s", states)
	}
}

// What an earlier run had claimed is taken first; what it had committed is not accepted twice.
func TestClaimedFilesAfterACrash(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	s.drop("done.json", sale(t, 3))
	s.answer("done.json")
	stop()
	// As if the process had died after the commit, before the removal, and another file before its commit.
	fa, err := s.journal.Files.Answer(t.Context(), "done.json")
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.journal.Files.NextSeq(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq, row := range map[int64]struct {
		name string
		data []byte
	}{fa.Seq: {"done.json", sale(t, 3)}, next: {"waiting.json", sale(t, 4)}} {
		if err := os.WriteFile(s.path("spool", ".taken", fmt.Sprintf("%019d-%s", seq, row.name)), row.data, 0o660); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(s.path("spool", "results", "done.json")); err != nil {
		t.Fatal(err)
	}
	s.run()
	if a := s.answer("waiting.json"); a.Outcome != queue.Accepted {
		t.Errorf("the file that was not committed: %+v", a)
	}
	s.await("both claims to go", func() bool {
		left, err := os.ReadDir(s.path("spool", ".taken"))
		return err == nil && len(left) == 0
	})
	now, err := s.journal.Files.Answer(t.Context(), "done.json")
	if err != nil || now.Seq != fa.Seq || now.Answer.Outcome != queue.Accepted {
		t.Errorf("the committed file was accepted again: %+v, %v", now, err)
	}
}

// Each broken file gets its own answer and costs only itself.
func TestBrokenFiles(t *testing.T) {
	s := newShop(t)
	s.run()
	rows := map[string][]byte{}
	entries, err := os.ReadDir(filepath.Join("..", "examples", "bad"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if rows[e.Name()], err = os.ReadFile(filepath.Join("..", "examples", "bad", e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	rows["huge.json"] = append(append([]byte(`{"job_id":"huge","remark":"`), bytes.Repeat([]byte("x"), job.MaxSize)...), `"}`...)
	rows["empty.json"] = nil
	rows["nested.json"] = bytes.Repeat([]byte(`{"a":`), 5000)
	for name, data := range rows {
		s.drop(name, data)
	}
	if err := os.Symlink("/etc/hostname", s.incoming("link.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.incoming("folder.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	rows["link.json"], rows["folder.json"] = nil, nil
	special := []string{"link.json", "folder.json"}
	if makePipe(t, s.incoming("pipe.json")) {
		rows["pipe.json"] = nil
		special = append(special, "pipe.json")
	}
	if len(rows) < 25 {
		t.Fatalf("only %d broken files", len(rows))
	}
	for name := range rows {
		a := s.answer(name)
		if (a.Outcome != queue.Rejected && a.Outcome != queue.Refused) || len(a.Errors) == 0 {
			t.Errorf("%s: outcome %s, %d errors", name, a.Outcome, len(a.Errors))
			continue
		}
		for _, e := range a.Errors {
			if e.Code == "" || e.Line < 1 || e.Column < 1 || e.Message.Zh == "" || e.Message.En == "" || e.Fix.Zh == "" || e.Fix.En == "" {
				t.Errorf("%s: incomplete error %+v", name, e)
			}
		}
	}
	for _, name := range special {
		if !s.exists("spool", "incoming", name) {
			t.Errorf("%s was not left alone", name)
		}
	}
	s.drop("good.json", sale(t, 9))
	if a := s.answer("good.json"); a.Outcome != queue.Accepted {
		t.Errorf("after all of them: %+v", a)
	}
}

func TestIgnoredNamesAreLeftAlone(t *testing.T) {
	s := newShop(t)
	for _, name := range []string{".x.json", "x.json.tmp", "x.json.part"} {
		s.drop(name, sale(t, 5))
	}
	s.run()
	s.drop("y.json", sale(t, 6))
	s.answer("y.json")
	for _, name := range []string{".x.json", "x.json.tmp", "x.json.part"} {
		if !s.exists("spool", "incoming", name) {
			t.Errorf("%s was taken", name)
		}
	}
}

// The refused job that is kept holds no card number.
func TestRejectedKeepsNoCardNumber(t *testing.T) {
	s := newShop(t)
	s.run()
	const testNumber = "4111111111111111" // published by the scheme for tests
	s.drop("bad.json", []byte(`{"job_id":"b","kind":"nonsense","payload":{"note":"`+testNumber+`"}}`))
	s.drop("broken.json", []byte(`{"job_id":"c", nonsense `+testNumber+`}`))
	for _, name := range []string{"bad.json", "broken.json"} {
		if a := s.answer(name); a.Outcome != queue.Rejected {
			t.Errorf("%s: %s", name, a.Outcome)
		}
		kept, err := os.ReadFile(s.path("spool", "rejected", name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(kept), testNumber) {
			t.Errorf("%s: the kept copy holds the number: %s", name, kept)
		}
	}
}

func BenchmarkFlood(b *testing.B) {
	dir := b.TempDir()
	j, err := queue.Open(b.Context(), filepath.Join(dir, "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	sp, err := spool.New(filepath.Join(dir, "spool"), j, spool.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer sp.Close()
	template, err := os.ReadFile(filepath.Join("..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		b.Fatal(err)
	}
	incoming := filepath.Join(dir, "spool", "incoming")
	for i := range b.N {
		data := bytes.ReplaceAll(template, []byte("c1-000122-105233-a"), fmt.Appendf(nil, "sale-%d", i))
		data = bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", i%999999+1))
		if err := os.WriteFile(filepath.Join(incoming, fmt.Sprintf("%d.json", i)), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	feed := j.Events.Subscribe(-1)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ResetTimer()
	done, answered := make(chan error, 1), make(chan error, 1)
	go func() { done <- sp.Run(ctx) }()
	go func() { answered <- sp.Answer(ctx) }()
	for n := 0; n < b.N; {
		e, err := feed.Next(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if e.Type == queue.EventAccepted {
			n++
		}
	}
	b.StopTimer()
	cancel()
	<-done
	<-answered
}
