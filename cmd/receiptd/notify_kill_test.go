package main

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // what the journal says was to be told

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/notify/notifytest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

var notifyKills = flag.Int("notify-kills", 6, "how often TestNotifyUnderKills kills the daemon")

// TestNotifyUnderKills kills a real process while two real receivers take its messages: in the middle of a message, just after it was
// taken, and at any moment. Nothing that the journal says was to be told is missing at either, and whatever is told again has the id, the
// words and the time that it had.
func TestNotifyUnderKills(t *testing.T) {
	t.Parallel()
	rounds := *notifyKills
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	model, err := virtual.ModelByName("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	model.CutMillis = 20
	all, some := notifytest.New(t, true, "", fails), notifytest.New(t, false, "", fails)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, all.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, dir: t.TempDir()}
	s.open([]shopPrinter{{name: "front", options: virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 3000}, extra: `proof = "A"`}},
		fmt.Sprintf("[[notify]]\nname = \"all\"\nform = \"json\"\nurl = %q\nsecret = %q\nca_file = %q\n[[notify]]\nname = \"some\"\nform = \"json\"\nurl = %q\nsecret = %[2]q\nevents = [\"reversal_open\"]\n",
			all.URL, notifytest.Secret(), ca, some.URL))
	s.start()
	s.ready() // from here on the receivers are known
	s.kill()
	for n := range rounds {
		paper := "near_end"
		if n%2 == 1 {
			paper = "ok"
		}
		if err := s.printer.Set(virtual.Change{Paper: paper}); err != nil {
			t.Fatal(err)
		}
		s.dropReversal(t, n, "pending")
		if n > 0 {
			s.dropReversal(t, n-1, "succeeded")
		}
		all.Hold(n%3 == 0)
		before := len(all.Heard())
		s.start()
		if n%3 == 2 {
			time.Sleep(time.Duration(rand.IntN(2500)) * time.Millisecond) // the random moment, not a wait for something
		} else {
			s.await("a message", func() bool { return len(all.Heard()) > before })
		}
		s.kill()
	}
	all.Hold(false)
	s.start()
	s.dropReversal(t, rounds, "pending")
	for _, e := range []*notifytest.Receiver{all, some} {
		s.await("the last notice", func() bool { return toldOf(e, fmt.Sprint(voucherBase+rounds)) })
	}
	c := s.client()
	s.await("nothing to be pending", func() bool {
		var list api.Receivers
		if err := c.Do(t.Context(), client.Call{Method: http.MethodGet, Path: "/v1/notify"}, &list); err != nil || len(list.Receivers) != 2 {
			t.Fatal(list, err)
		}
		for _, r := range list.Receivers {
			if r.GivenUp > 0 {
				t.Fatalf("given up: %+v", r)
			}
		}
		return list.Receivers[0].Pending+list.Receivers[1].Pending == 0
	})
	s.kill()
	checkHeard(t, all, s.noticesOf(t, "1"))
	checkHeard(t, some, s.noticesOf(t, "event = 'reversal_open'"))
}

// dropReversal drops what a terminal says of the reversal of a voucher.
func (s *shop) dropReversal(t *testing.T, n int, status string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "07-reversal-pending.json"))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("c1-000122-105241-r1"), fmt.Appendf(nil, "reversal-%d-%s", n, status))
	data = bytes.ReplaceAll(data, []byte("105241"), fmt.Append(nil, voucherBase+n))
	data = bytes.Replace(data, []byte(`"status": "pending"`), fmt.Appendf(nil, `"status": %q`, status), 1)
	if status == "succeeded" { // it is told later than the one before
		data = bytes.ReplaceAll(data, []byte("13:20:1"), []byte("13:21:1"))
	}
	s.drop(fmt.Sprintf("reversal-%d-%s.json", n, status), data)
}

// noticesOf gives what the journal says was to be told: the time of each notice by its number.
func (s *shop) noticesOf(t *testing.T, where string) map[int64]int64 {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(s.dir, "data", "journal.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT seq, at FROM notices WHERE "+where)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	list := map[int64]int64{}
	for rows.Next() {
		var seq, at int64
		if err := rows.Scan(&seq, &at); err != nil {
			t.Fatal(err)
		}
		list[seq] = at
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// fails is a receiver that fails now and then.
func fails(n int) notifytest.Fate {
	if n%4 == 3 {
		return notifytest.Failed
	}
	return notifytest.Taken
}

// toldOf reports whether a receiver was told of a voucher.
func toldOf(r *notifytest.Receiver, voucher string) bool {
	for _, m := range r.Heard() {
		if strings.Contains(string(m.Body), `"voucher_no":"`+voucher+`"`) {
			return true
		}
	}
	return false
}

// checkHeard compares what was heard with what was to be told.
func checkHeard(t *testing.T, r *notifytest.Receiver, want map[int64]int64) {
	t.Helper()
	if wrong := r.Wrong(); len(wrong) > 0 {
		t.Errorf("wrong: %q", wrong)
	}
	heard := r.Heard()
	messages, notices := map[string][]byte{}, map[int64]string{}
	begun := map[string]time.Time{}
	again, last := 0, int64(0)
	for _, m := range heard {
		if had, ok := messages[m.ID]; ok && !bytes.Equal(had, m.Body) {
			t.Errorf("message %s was another one before:\n%s\n%s", m.ID, had, m.Body)
		}
		messages[m.ID] = m.Body
		for _, n := range m.Notices {
			if at, ok := want[n.ID]; !ok || n.At.UnixMilli() != at {
				t.Errorf("the journal has no such notice: %+v", n)
			}
			words := fmt.Sprintf("%+v %s", n.Voucher, n.Text)
			subject := fmt.Sprint(n.Event, n.Printer, n.JobID, n.Copy)
			if n.Event == vocabulary.NoticeReversal {
				subject = n.Voucher
			}
			had, ok := notices[n.ID]
			switch {
			case ok && had != words:
				t.Errorf("notice %d said %q before and now %q", n.ID, had, words)
			case ok:
				again++
			case n.ID <= last:
				t.Errorf("notice %d is told for the first time after %d", n.ID, last)
			case n.Over && !n.Since.Equal(begun[subject]):
				t.Errorf("it is over, but the beginning was not told: %+v (%v)", n, begun[subject])
			}
			if !n.Over {
				begun[subject] = n.At
			}
			notices[n.ID], last = words, max(last, n.ID)
		}
		if m.More > 0 {
			t.Errorf("%d notices were only counted", m.More)
		}
	}
	for id := range want {
		if _, ok := notices[id]; !ok {
			t.Errorf("notice %d was never told", id)
		}
	}
	t.Logf("%d notices in %d messages, %d told again", len(want), len(heard), again)
}
