package hub_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
)

// TestNeverStored: a message that the store would never take holds up nothing: those beside it and after it are stored, the chain has a mark in its
// place, and it is told of. A job whose answer is such stays open and is asked for again.
func TestNeverStored(t *testing.T) {
	b, s, other := fleettest.Start(t), light.New("b1"), light.New("b2")
	h := start(t, b, "hub1", store.Options{})
	spoil(t, h, "CREATE TRIGGER no_event BEFORE INSERT ON events WHEN instr(NEW.body, CAST('poison' AS BLOB)) BEGIN SELECT RAISE(ABORT, 'never'); END",
		"CREATE TRIGGER no_answer BEFORE UPDATE ON jobs WHEN NEW.job_id = 'mute' AND NEW.open = 0 BEGIN SELECT RAISE(ABORT, 'never'); END",
		"CREATE TRIGGER no_journal BEFORE INSERT ON events WHEN NEW.birth = 'b3' BEGIN SELECT RAISE(ABORT, 'never'); END")
	client(t, b, "shop-1", s)
	client(t, b, "shop-2", other)
	h.online("shop-1")
	h.online("shop-2")
	for i := range 30 {
		id := fmt.Sprint("o-", i)
		if i == 10 {
			id = "poison"
		}
		if _, err := s.Accept(t.Context(), []byte(fleettest.Order(id))); err != nil {
			t.Fatal(err)
		}
	}
	h.send("shop-2", "mute", time.Hour)
	h.send("shop-2", "well", time.Hour)
	h.becomes("shop-2", "well", store.Accepted)
	h.whole("shop-1", s)
	h.whole("shop-2", other)
	lines, err := h.store.Events(t.Context(), 0, "shop-1", 1000)
	if err != nil {
		t.Fatal(err)
	}
	marks, slips := 0, 0
	for _, l := range lines {
		switch {
		case l.Event.Type == wire.EventLeftOut && l.Event.JobID == "":
			marks++
		case l.Event.JobID != "":
			slips++
		}
	}
	if marks == 0 || slips < 29 {
		t.Errorf("%d marks, %d events of jobs", marks, slips)
	}
	h.await("the job without an answer to be asked for again", func() bool { return h.Status().LeftOut > int64(marks)+2 })
	if j := h.job("shop-2", "mute"); j.State != store.Published {
		t.Errorf("%+v", j)
	}
	st := h.Status()
	if st.Store != nil || st.Left == nil || st.Left.Message.Zh == "" {
		t.Errorf("%+v", st)
	}
	third := light.New("b3")
	client(t, b, "shop-3", third)
	h.online("shop-3")
	if _, err := third.Accept(t.Context(), []byte(fleettest.Order("o-1"))); err != nil {
		t.Fatal(err)
	}
	h.send("shop-1", "last", time.Hour)
	h.becomes("shop-1", "last", store.Accepted)
	h.whole("shop-1", s)
}

// TestStuck: an event whose place cannot be stored either is counted once, however often it comes, and nobody says that those after it are here;
// when it is stored at last nothing is said any more.
func TestStuck(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	h := start(t, b, "hub1", store.Options{})
	spoil(t, h, "CREATE TRIGGER no_journal BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'never'); END")
	client(t, b, "shop-1", s)
	h.online("shop-1")
	for i := range 3 {
		if _, err := s.Accept(t.Context(), []byte(fleettest.Order(fmt.Sprint("o-", i)))); err != nil {
			t.Fatal(err)
		}
	}
	h.await("it to be told of", func() bool { return h.Status().Left != nil })
	h.await("the shop to be asked again", func() bool { return h.Status().Holes > s.Last() })
	st := h.Status()
	if st.LeftOut != 1 || st.Left == nil || strings.Contains(st.Left.Message.En, "are here") || strings.Contains(st.Left.Message.Zh, "照常") {
		t.Errorf("%d, %+v", st.LeftOut, st.Left)
	}
	spoil(t, h, "DROP TRIGGER no_journal")
	h.whole("shop-1", s)
	h.await("nothing to be told of", func() bool { return h.Status().Left == nil })
	if n := h.Status().LeftOut; n != 1 {
		t.Errorf("counted %d times", n)
	}
}

// TestTroubleOfTheLine: what the store did not do while the line stood is not said of it while there is no line: it is not asked then.
func TestTroubleOfTheLine(t *testing.T) {
	b := fleettest.Start(t)
	h := start(t, b, "hub1", store.Options{})
	spoil(t, h, "CREATE TRIGGER no_claim BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'never'); END")
	h.send("shop-1", "o-1", time.Hour)
	h.await("the store to be told of", func() bool { return h.Status().Store != nil })
	b.Kill()
	h.await("nothing to be told of without the line", func() bool { st := h.Status(); return !st.Connected && st.Store == nil })
	b.Run()
	h.await("the store to be told of again", func() bool { return h.Status().Store != nil })
}

// spoil changes a hub's store behind its back.
func spoil(t *testing.T, h *centre, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, store.File)+"?_pragma=busy_timeout(20000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), s); err != nil {
			t.Fatal(err)
		}
	}
}
