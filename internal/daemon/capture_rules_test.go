package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// chinese gives a slip as a program of a terminal sends it, in GBK.
func chinese(t *testing.T, text string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return append(append([]byte("\x1b@\x1c&"), b...), "\n\x1dVB\x00"...)
}

func unionSale(copyName, voucher, amount string) string {
	return fmt.Sprintf("银联POS签购单\n%s\n终端编号:00012345\n交易类型:消费(SALE)\n批次号:000122  凭证号:%s\n金额(AMOUNT):RMB %s\n", copyName, voucher, amount)
}

// drops puts a command into the drop folder.
func (s *testShop) drops(id, fields string) {
	s.t.Helper()
	s.drop(id+".json", fmt.Appendf(nil, `{"job_id":%q,"kind":"command","payload":{%s}}`, id, fields))
}

// TestCapturedRules: a terminal's program that knows nothing of receiptd has reprints by voucher, and its settlement ends them.
func TestCapturedRules(t *testing.T) {
	s, addr := captured(t, virtual.Options{Model: "generic-80"}, "rules=\"unionpay\"\nsettle=\"auto\"")
	slips := append(chinese(t, unionSale("商户存根", "105233", "12.50")), chinese(t, unionSale("持卡人存根", "105233", "12.50"))...)
	if err := prints(t, addr, slips); err != nil {
		t.Fatal(err)
	}
	if err := prints(t, addr, chinese(t, unionSale("商户存根", "105234", "3.00"))); err != nil {
		t.Fatal(err)
	}
	s.pieces(3)
	s.await("the proofs", func() bool { return s.shownPrinted(3) })
	s.drops("again", `"command":"reprint_by_voucher","voucher_no":"105233"`)
	for i, want := range []string{"商户存根", "持卡人存根"} {
		if p := s.pieces(5)[3+i]; !p.Contains(want) || !p.Contains("105233") || !p.Contains("DUPLICATE") {
			t.Errorf("reprint %d:\n%s", i, p.Text())
		}
	}
	// The software's own reprint says so itself: it is not marked twice, and stands for no second sale.
	if err := prints(t, addr, chinese(t, unionSale("商户存根", "105233", "12.50")+"****重打印凭证/DUPLICATED****\n")); err != nil {
		t.Fatal(err)
	}
	if p := s.pieces(6)[5]; strings.Count(p.Text(), "DUPLICATE") != 1 {
		t.Errorf("its own reprint:\n%s", p.Text())
	}
	if err := prints(t, addr, chinese(t, "结算总计单\n终端编号:00012345\n批次号:000122\n消费/SALE   2   15.50\n")); err != nil {
		t.Fatal(err)
	}
	s.pieces(7)
	s.drops("late", `"command":"reprint_by_voucher","voucher_no":"105233"`)
	s.await("the refusal", func() bool {
		b, _ := os.ReadFile(filepath.Join(s.dir, "spool", "results", "late.json"))
		return strings.Contains(string(b), "batch_settled")
	})
	_ = s.end()
	q := s.journal()
	defer q.Close()
	b, err := q.Batches.List(t.Context(), "")
	if err != nil || len(b) != 1 || b[0].Slips != 2 || b[0].State != queue.BatchSettled {
		t.Fatalf("%v %+v", err, b)
	}
	if sums, err := q.Batches.Tally(t.Context(), b[0].ID); err != nil || len(sums) != 1 || sums[0].Amount != 1550 || sums[0].Count != 2 {
		t.Errorf("%v %+v", err, sums)
	}
}

// TestCapturedRestart: what comes again after receiptd was stopped and started is the same slip while that is not printed, and says what it
// may be once it is.
func TestCapturedRestart(t *testing.T) {
	s, addr := captured(t, virtual.Options{}, "")
	s.set("front", virtual.Change{Paper: "out"})
	first := fmt.Appendf(nil, slip, "no 1")
	if err := prints(t, addr, first); err != nil {
		t.Fatal(err)
	}
	s.end()
	s.start()
	if err := prints(t, addr, first); err != nil {
		t.Fatal(err)
	}
	s.set("front", virtual.Change{Paper: "ok"})
	if p := s.pieces(1)[0]; !p.Contains("no 1") {
		t.Errorf("\n%s", p.Text())
	}
	s.await("the proof", func() bool { return s.shownPrinted(1) })
	s.end()
	s.start()
	if err := prints(t, addr, first); err != nil {
		t.Fatal(err)
	}
	if got := s.pieces(2); len(got) != 2 || !got[1].Contains("POSSIBLE DUPLICATE") {
		t.Errorf("%d pieces, the last\n%s", len(got), got[len(got)-1].Text())
	}
}
