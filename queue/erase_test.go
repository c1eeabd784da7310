package queue_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// What a person wants erased by the number of an order is in no file of the journal afterwards, while it is in use or closed; the order's
// row, copies and story stay, the journal verifies, and the same job again is still a duplicate.
func TestErased(t *testing.T) {
	t.Parallel()
	needles := []string{"SU-NUSHI", "13800138000", "ZHONGSHAN ROAD 12", "ring the bell twice"}
	s := newShop(t)
	s.run(&paper{})
	text := func(id, no string) string {
		return strings.Replace(order(id, no, "new"), `"bags"`, `"remark":"`+needles[3]+`","customer":{"name":"`+needles[0]+`","phone_masked":"`+needles[1]+`","address":"`+needles[2]+`"},"bags"`, 1)
	}
	s.accept(text("o1", "A77"))
	s.accept(text("o2", "A78"))
	s.settled("o1")
	s.settled("o2")
	s.makeElectronic(electronic("e1", "o1", ""), false)
	if err := s.q.Requests.KeepElectronic(t.Context(), "o1", 1, []byte("file of "+needles[0])); err != nil {
		t.Fatal(err)
	}
	packed := s.contents("job_id = 'o1'")
	for _, no := range []string{"A77", "A77", "A78"} { // once more is no harm
		ids, err := s.q.Retention.Erase(t.Context(), no, "99")
		if err != nil || len(ids) != 1 {
			t.Fatal(no, ids, err)
		}
	}
	if _, err := s.q.Retention.Erase(t.Context(), "A79", "99"); !errors.Is(err, queue.ErrNotFound) {
		t.Error("no such order:", err)
	}
	look := func(when string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(filepath.Dir(s.path), "*"))
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue // the lock
			}
			for _, n := range needles {
				if bytes.Contains(data, []byte(n)) {
					t.Errorf("%s: %s still holds %q", when, filepath.Base(file), n)
				}
			}
			for _, p := range packed {
				if bytes.Contains(data, p[len(p)-40:]) {
					t.Errorf("%s: %s still holds the content", when, filepath.Base(file))
				}
			}
		}
	}
	look("in use")
	story, err := s.q.Jobs.Show(t.Context(), "o1")
	if err != nil || !strings.Contains(string(story.Job), "A77") || len(story.Summary.Copies) == 0 {
		t.Errorf("%v %s", err, story.Job)
	}
	if last := story.Lines[len(story.Lines)-1]; last.Text.Zh != "已删个人信息 · 应本人要求" && !strings.Contains(last.Text.Zh, "已删个人信息") {
		t.Errorf("the story ends with %+v", last)
	}
	if a := s.accept(text("o1", "A77")); a.Outcome != queue.Duplicate {
		t.Errorf("the same again is %s", a.Outcome)
	}
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.q.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed")
	s.open()
	if err := s.q.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if _, lost := s.q.Journal.Loss(); lost {
		t.Error("the journal takes it for a loss")
	}
}

// An order whose ticket is not out is not erased: its ticket needs it.
func TestEraseWaits(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(order("o1", "A77", "new"))
	s.wait(time.Second)
	if _, err := s.q.Retention.Erase(t.Context(), "A77", ""); !errors.Is(err, queue.ErrNotOut) {
		t.Error(err)
	}
}
