package spool_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// answered drops jobs and waits until their answers are noted as written.
func (s *shop) answered(names ...string) {
	s.t.Helper()
	for i, name := range names {
		s.drop(name, sale(s.t, i+1))
	}
	for _, name := range names {
		s.answer(name)
	}
	s.await("the answers to be noted", func() bool {
		behind, err := s.journal.Files.Unwritten(s.t.Context())
		return err == nil && len(behind) == 0
	})
}

// An answer that a power cut left empty, in part or as it was before is written again at start, also where the journal noted it
// as written; so is one that somebody forged. One that its reader removed stays removed.
func TestAnswersAfterAPowerCut(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	names := []string{"empty.json", "part.json", "old.json", "zeros.json", "forged.json", "gone.json", "good.json"}
	s.answered(names...)
	stop()
	whole := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(s.path("spool", "results", name))
		if err != nil {
			t.Fatal(err)
		}
		whole[name] = data
	}
	now := whole["good.json"]
	for name, data := range map[string][]byte{
		"empty.json": nil, "part.json": whole["part.json"][:100], "old.json": bytes.ReplaceAll(whole["old.json"], []byte("queued"), []byte("sending")),
		"zeros.json": make([]byte, len(whole["zeros.json"])), "forged.json": bytes.ReplaceAll(whole["forged.json"], []byte("queued"), []byte("QUEUED")),
	} {
		if err := os.WriteFile(s.path("spool", "results", name), data, 0o660); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(s.path("spool", "results", "gone.json")); err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(s.path("spool", "results", "good.json"), then, then); err != nil {
		t.Fatal(err)
	}
	stop = s.run()
	for _, name := range names[:5] {
		s.await(name+" to be whole", func() bool {
			data, err := os.ReadFile(s.path("spool", "results", name))
			return err == nil && bytes.Equal(data, whole[name])
		})
	}
	s.drop("last.json", sale(t, 99)) // all that is older was looked at before
	s.answer("last.json")
	stop()
	if s.exists("spool", "results", "gone.json") {
		t.Error("the answer that its reader removed is back")
	}
	data, err := os.ReadFile(s.path("spool", "results", "good.json"))
	info, err2 := os.Stat(s.path("spool", "results", "good.json"))
	if err != nil || err2 != nil || !bytes.Equal(data, now) || !info.ModTime().Equal(then) {
		t.Errorf("an answer that was whole was written again: %v %v", err, err2)
	}
}

// Answers and refused jobs are removed after seven days, answers of names that hold a card number after an hour.
func TestOldAnswersGo(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	const card = "4111111111111111.json" // published by the scheme for tests
	const other = "5555555555554444.json"
	s.answered("old.json", "new.json", card, other)
	stop()
	for name, age := range map[string]time.Duration{"old.json": 169 * time.Hour, "new.json": 167 * time.Hour, card: 61 * time.Minute, other: 59 * time.Minute} {
		then := time.Now().Add(-age)
		if err := os.Chtimes(s.path("spool", "results", name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	for name, age := range map[string]time.Duration{"old.json": 169 * time.Hour, "new.json": 167 * time.Hour} {
		then := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(s.path("spool", "rejected", name), []byte("{}"), 0o600), os.Chtimes(s.path("spool", "rejected", name), then, then)); err != nil {
			t.Fatal(err)
		}
	}
	s.run()
	s.await("the old answers to go", func() bool {
		return !s.exists("spool", "results", "old.json") && !s.exists("spool", "results", card) && !s.exists("spool", "rejected", "old.json")
	})
	for _, name := range []string{"new.json", other} {
		if !s.exists("spool", "results", name) {
			t.Errorf("%s is gone", name)
		}
	}
	if !s.exists("spool", "rejected", "new.json") {
		t.Error("a young refused job is gone")
	}
}

// An answer that changes after a restart is written under the file's own name, whatever the journal calls it.
func TestNameFoundAgain(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	const card = "4111111111111111.json" // published by the scheme for tests
	s.answered(card)
	stop()
	s.run()
	s.drop("stop.json", []byte(`{"job_id":"stop","kind":"command","payload":{"command":"cancel","target_job_id":"sale-000001"}}`))
	s.await("the answer to tell of the cancellation", func() bool {
		a := s.answer(card)
		return len(a.Copies) == 2 && a.Copies[0].State == queue.Cancelled
	})
}
