package daemon_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// alarms ends the daemon and reads the alarms in its journal, without what the printers said.
func (s *testShop) alarms() (list []queue.Event) {
	s.t.Helper()
	_ = s.end()
	q := s.journal()
	defer q.Close()
	if err := q.Alarms.Raise(s.t.Context(), "", "end", ""); err != nil {
		s.t.Fatal(err)
	}
	for events := q.Events.Subscribe(0); ; {
		e, err := events.Next(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if e.Reason == "end" {
			return list
		}
		if e.Type == queue.EventAlarm && strings.HasPrefix(string(e.Reason), "template_") {
			list = append(list, e)
		}
	}
}

// What becomes of the shop's own templates is an alarm: one for each that is broken, and one for each that fails on slips,
// which come out all the same, by the built-in one.
func TestTemplateAlarms(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	dir := filepath.Join(s.dir, "templates")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"sale.zh-CN": "[[if ge .VoucherNo \"770000\"]][[index .Remarks 9]][[end]]ours\n=\n", "void.zh-CN": "a {\n=\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".receipt"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.write("[templates]\ndir='"+dir+"'\n", "front")
	s.start()
	for n := 770001; n <= 770003; n++ {
		s.sale(n, "")
		s.printed(n, "front")
		s.lies("front", n)
	}
	s.await("the alarm of the broken template", func() bool { return strings.Contains(s.log.String(), "a template is broken") })
	got := map[string]int{}
	for _, e := range s.alarms() {
		got[string(e.Reason)]++
		if !strings.Contains(e.Detail, "模板") || !strings.Contains(e.Detail, "emplate") {
			t.Errorf("says %q", e.Detail)
		}
		if e.Reason == "template_fallback" && e.JobID != "sale-770001" {
			t.Errorf("the fallback is told of %q", e.JobID)
		}
	}
	if got["template_fallback"] != 1 || got["template_broken"] != 1 || len(got) != 2 {
		t.Errorf("alarms %v", got)
	}
}

// A settlement says how many of its batch's slips came here.
func TestSettlementSaysWhatCameHere(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	s.start()
	for n := 770001; n <= 770002; n++ {
		s.sale(n, "")
		s.printed(n, "front")
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "17-settlement.json"))
	if err != nil {
		t.Fatal(err)
	}
	s.drop("end.json", bytes.ReplaceAll(data, []byte("\"printer\""), []byte("\"_printer\"")))
	s.await("the settlement's count", func() bool {
		for _, p := range s.printers["front"].Pieces() {
			if strings.Contains(p.Text(), "结算总计单") && strings.Contains(p.Text(), "本机收到 2 笔") {
				return true
			}
		}
		return false
	})
}
