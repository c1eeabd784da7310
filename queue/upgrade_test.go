package queue_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// oldJournals were written by receiptd at these commits: a sale, a scan payment and an order that were printed, and a sale of which both
// copies wait because the printer was gone.
var oldJournals = []struct {
	commit string
	form   int
	state  queue.State // of what was printed
}{{"5fe9260", 3, queue.Processed}, {"0b03c2e", 5, queue.Printed}, {"f4cb83d", 13, queue.Printed}}

// oldJournal puts such a journal in place.
func oldJournal(t *testing.T, commit, path string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", "journal-of-"+commit+".db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err := errors.Join(err, os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// form gives the version of a journal's form.
func (s *shop) form() (version int) {
	s.t.Helper()
	db := s.raw()
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		s.t.Fatal(err)
	}
	return version
}

// An upgrade keeps all slips and prints what waits, and there is a way back to the program from before: the copy that was made has
// the old form, is whole, and takes the journal's place.
func TestUpgradeAndBack(t *testing.T) {
	for _, old := range oldJournals {
		t.Run(old.commit, func(t *testing.T) { upgradeAndBack(t, old.commit, old.form, old.state) })
	}
}

func upgradeAndBack(t *testing.T, commit string, form int, state queue.State) {
	s := newShop(t)
	s.q.Close()
	s.path = filepath.Join(t.TempDir(), "journal.db")
	oldJournal(t, commit, s.path)
	if way := queue.WayBack(s.path); way != "" {
		t.Errorf("a way back before the upgrade: %s", way)
	}
	s.open()
	const waits = "c1-000122-105234-a"
	copies := func() map[queue.State]int {
		t.Helper()
		got := map[queue.State]int{}
		list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 4 {
			t.Errorf("%d jobs", len(list))
		}
		for _, j := range list {
			for _, c := range j.Copies {
				got[c.State]++
			}
		}
		return got
	}
	if got := copies(); got[state] != 6 || got[queue.Held]+got[queue.Queued] != 2 {
		t.Errorf("after the upgrade: %v", got)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	p := &paper{}
	stop := s.run(p, "front", "default")
	s.settled(waits)
	if p.count() != 2 {
		t.Errorf("what waited: %v", p.pieces)
	}
	// What stood there already is read as it came, and so is what is written shorter from here on.
	s.accept(slip{id: "after", voucher: "105299"}.String())
	s.settled("after")
	for _, id := range []string{"c1-000122-105233-a", waits, "after"} {
		st, err := s.q.Jobs.Show(t.Context(), id)
		if err != nil || !strings.Contains(string(st.Job), `"job_id":"`+id+`"`) {
			t.Errorf("%s: %v %s", id, err, st.Job)
		}
		for _, l := range st.Lines {
			if told := l.Event.Type == queue.EventCopy || l.Event.Type == queue.EventAccepted; told && (l.Event.JobID != id || l.Event.Request != id) {
				t.Errorf("%s: an event of %q, %q", id, l.Event.JobID, l.Event.Request)
			}
		}
	}
	stop()
	s.countsAreRight()
	if list, err := s.q.Batches.List(t.Context(), ""); err != nil || len(list) != 1 || list[0].Slips != 4 {
		t.Errorf("batches after the upgrade: %+v, %v", list, err)
	}
	now := s.form()
	s.q.Close()

	way := queue.WayBack(s.path)
	if way == "" || !strings.Contains(way, fmt.Sprintf(".version-%d-", form)) {
		t.Fatalf("the way back is %q", way)
	}
	if err := queue.VerifyFile(t.Context(), way); err != nil {
		t.Errorf("the copy: %v", err)
	}
	kept, err := queue.Restore(t.Context(), s.path, way, time.Now())
	if err != nil || kept == "" {
		t.Fatalf("%q, %v", kept, err)
	}
	if got := s.form(); got != form || now <= form {
		t.Errorf("the form is %d, after the upgrade it was %d", got, now)
	}
	// Forward again: nothing is lost, and what was printed meanwhile is not printed as an original.
	s.open()
	if got := copies(); got[state] != 6 {
		t.Errorf("after the way back: %v", got)
	}
	p = &paper{}
	s.run(p, "front")
	s.settled(waits)
	if p.count() != 2 || !p.marks[0].Possible || !p.marks[1].Possible {
		t.Errorf("what waited, again: %v %+v", p.pieces, p.marks)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
