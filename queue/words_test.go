package queue_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// english finds a word that a Chinese reader should not meet; names of printers and people may.
var english = regexp.MustCompile(`[a-z]{3,}`)

func noEnglish(t *testing.T, zh string) {
	t.Helper()
	bare := regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)|从 \S+ 转来`).ReplaceAllString(zh, "")
	if word := english.FindString(bare); word != "" {
		t.Errorf("%q stands in Chinese: %s", word, zh)
	}
}

// TestStoriesInChinese tells a day with everything that happens to slips and batches.
func TestStoriesInChinese(t *testing.T) {
	s := day(t)
	alarm := "no proof for 3 slips in a row: tier lowered from A to B"
	stop := s.run(&paper{next: []queue.Result{
		{State: queue.Uncertain, Reason: "link_down", Bytes: 5}, {State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 1, Alarm: alarm},
		{State: queue.Queued, Reason: "paper_out"}, {State: queue.Queued, Reason: "offline", MoveTo: "2"}, {State: queue.Sent, Bytes: 3},
	}})
	until(t, "something waits elsewhere", func() bool {
		o, err := s.q.Waiting.Outstanding(t.Context())
		return err == nil && len(o) > 0 && o[0].Printer == "2"
	})
	s.settled("n")
	stop()
	if _, err := s.q.Decisions.Resolve(t.Context(), s.answer("a").Copies[0].CopyID, false, "07"); err != nil {
		t.Fatal(err)
	}
	s.accept(command("d", `"command":"mark_defective","target_job_id":"a","copy":"cardholder","operator_no":"01"`))
	s.accept(command("c", `"command":"cancel","target_job_id":"a","operator_no":"01"`))
	s.accept(slip{id: "a", voucher: "000001", amount: 3}.String())
	s.accept(slip{id: "a2", voucher: "000001", amount: 4}.String())
	s.arrive(queue.Arrival{Parsed: parse(t, command("rr", `"command":"resolve_reversal","voucher_no":"9","resolution":"paid","case_no":"7","operator_no":"88"`)),
		Source: queue.SourceCLI, Permitted: true})
	s.accept(slip{id: "next", batch: "000999", voucher: "000044", at: s.now().Add(time.Hour).Format(time.RFC3339)}.String())
	batches, err := s.q.Batches.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	tell := func(lines []queue.Line, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			noEnglish(t, l.Text.Zh)
			told++
		}
	}
	for _, b := range batches {
		if _, err := s.q.Decisions.CloseBatch(t.Context(), b.ID, "88"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.q.Decisions.ReopenBatch(t.Context(), b.ID, "88"); err != nil {
			t.Log(err)
		}
		tell(s.q.Batches.Lines(t.Context(), b.ID))
	}
	list, _, err := s.q.Jobs.List(t.Context(), queue.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range list {
		st, err := s.q.Jobs.Show(t.Context(), j.JobID)
		tell(st.Lines, err)
	}
	if told < 25 {
		t.Errorf("only %d lines were told", told)
	}
}

// TestRefusalsInChinese: names of states, copies and reasons are worded.
func TestRefusalsInChinese(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.accept(slip{id: "a"}.String())
	for _, a := range []queue.Answer{
		s.accept(byVoucher("r", "105233", "")),
		s.accept(byVoucher("b", "105233", `,"copies":["kitchen"]`)),
		s.accept(command("d", `"command":"mark_defective","target_job_id":"a","copy":"merchant"`)),
	} {
		if a.Outcome != queue.Refused {
			t.Fatalf("%+v", a)
		}
		noEnglish(t, strings.ReplaceAll(a.Errors[0].Message.Zh, "打印机 default", ""))
	}
}

// TestAlarmsInChinese: what a printer's driver says about a slip is worded; the sentences are found in its source.
func TestAlarmsInChinese(t *testing.T) {
	files, err := filepath.Glob("../printer/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?:\.[aA]larm = |return fmt\.Sprintf\()("no proof (?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)* (?:[^"\\]|\\.)*")`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllSubmatch(data, -1) {
			text, err := strconv.Unquote(string(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			text = strings.NewReplacer("%d", "3", "%c", "A", "%s", "mac", "%v", "x").Replace(text)
			if queue.DetailZh(text) == text {
				t.Errorf("%s: not in Chinese: %s", file, text)
			}
			found++
		}
	}
	if found < 2 {
		t.Errorf("only %d sentences were found", found)
	}
}

// TestLabels: what the journal tells people names a printer as they call it.
func TestLabels(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(o *queue.Options) {
		o.Label = func(name string) string { return map[string]string{"default": "前台 1", "bar": "吧台"}[name] }
	})
	s.accept(slip{id: "a"}.String())
	a := s.accept(byVoucher("r", "105233", ""))
	if len(a.Errors) != 1 || a.Errors[0].Code != "not_yet_printed" || !strings.Contains(a.Errors[0].Message.Zh, "打印机 前台 1") ||
		!strings.Contains(a.Errors[0].Message.En, "printer 前台 1") {
		t.Errorf("%+v", a.Errors)
	}
	if _, err := s.q.Printing.Move(t.Context(), "default", "bar", "07"); err != nil {
		t.Fatal(err)
	}
	st, err := s.q.Jobs.Show(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if last := st.Lines[len(st.Lines)-1].Text; !strings.Contains(last.Zh, "从 前台 1 人工转来 07 [吧台]") || !strings.Contains(last.En, "moved from 前台 1 by 07 [吧台]") {
		t.Errorf("%+v", last)
	}
}
