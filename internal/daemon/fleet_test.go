package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// saleOf is the sample sale with its own id and voucher, and with what must not leave a shop in it.
func saleOf(t *testing.T, id string, voucher int) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", "01-sale-chip.json"))
	if err != nil {
		t.Fatal(err)
	}
	var j map[string]any
	if err := json.Unmarshal(data, &j); err != nil {
		t.Fatal(err)
	}
	j["job_id"], j["copies"] = id, []string{"merchant"}
	delete(j, "printer")
	if data, err = json.Marshal(j); err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(data, []byte("105233"), fmt.Appendf(nil, "%06d", voucher)))
}

// TestFleet: a shop with a real journal and a printer takes jobs from its centre, prints each once, does what it allows, and tells nothing that
// must stay.
func TestFleet(t *testing.T) {
	b := fleettest.Start(t)
	hub := b.Centre("hub1")
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	section := b.Section("shop-1", "allow=[\"reprint\"]\n")
	s.write(section, "front")
	s.start()
	hub.Await("online", func(h fleettest.Heard) bool {
		st := h.State("shop-1")
		return st.Online && len(st.Printers) == 1 && st.Printers[0].Name == "front"
	})
	payload := saleOf(t, "s-1", 880001)
	for range 2 {
		hub.Send("shop-1", payload, time.Minute, false)
	}
	hub.Await("the answers", func(h fleettest.Heard) bool { return h.Answer("s-1").Outcome == vocabulary.OutcomeDuplicate })
	printed := func(job string, mark vocabulary.MarkKind) func(h fleettest.Heard) bool {
		return func(h fleettest.Heard) bool {
			for _, e := range h.Events("shop-1") {
				if e.JobID == job && e.State == "printed" && e.Mark == mark && e.Proof == vocabulary.ProofPrinted && e.PrintNo > 0 {
					return true
				}
			}
			return false
		}
	}
	hub.Await("the proof", printed("s-1", vocabulary.MarkOriginal))
	for range 2 {
		if r := hub.Do("shop-1", wire.Command{CmdID: "c-1", Cmd: wire.CmdReprint, JobID: "s-1", Reason: "customer_request"}); !r.OK && (r.Answer == nil || r.Answer.Outcome != vocabulary.OutcomeDuplicate) {
			t.Fatalf("%+v %+v", r, r.Answer)
		}
	}
	hub.Await("the reprint", printed("s-1", vocabulary.MarkDuplicate))
	if r := hub.Do("shop-1", wire.Command{CmdID: "f-1", Cmd: wire.CmdFind, VoucherNo: "880001"}); !r.OK || len(r.Found) != 1 || r.Found[0].JobID != "s-1" || r.Found[0].Amount != nil || len(r.Found[0].Copies) != 2 {
		t.Errorf("%+v", r)
	}
	for _, part := range []string{"1111", "42.50"} { // by a card's last four, or the amount, nothing is found
		if r := hub.Do("shop-1", wire.Command{CmdID: "f-" + part, Cmd: wire.CmdFind, VoucherNo: part}); len(r.Found) != 0 {
			t.Errorf("%s: %+v", part, r)
		}
	}
	if r := hub.Do("shop-1", wire.Command{CmdID: "b-1", Cmd: wire.CmdSettleInfo}); !r.OK || len(r.Batches) != 1 || r.Batches[0].Slips != 1 || r.Batches[0].Sums != nil {
		t.Errorf("%+v", r)
	}
	hub.Send("shop-1", `{"job_id":"x-1","kind":"command","created_at":"2026-11-30T12:00:00Z","payload":{"command":"reprint_last"}}`, time.Minute, false)
	hub.Await("a command on the wrong topic", func(h fleettest.Heard) bool { return h.Answer("x-1").Outcome == vocabulary.OutcomeRejected })
	hub.Send("shop-1", fleettest.Order("late"), 0, true)
	hub.Await("expired", func(h fleettest.Heard) bool { return h.Answer("late").Outcome == vocabulary.OutcomeExpired })
	s.write(section+"share=[\"amount\"]\n", "front") // at once, without a restart
	s.reload <- os.Interrupt
	s.await("the new section", func() bool {
		r := hub.Do("shop-1", wire.Command{CmdID: fmt.Sprint("f-", time.Now().UnixNano()), Cmd: wire.CmdFind, JobID: "s-1"})
		return len(r.Found) == 1 && r.Found[0].Amount != nil
	})
	s.end()
	hub.Await("goodbye", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
	s.start()
	hub.Send("shop-1", fleettest.Order("late"), time.Minute, false) // an older copy of the message comes behind, after a restart too
	hub.Send("shop-1", payload, time.Minute, false)
	hub.Await("still known", func(h fleettest.Heard) bool {
		return h.State("shop-1").Online && h.Answer("late").Outcome == vocabulary.OutcomeExpired && h.Answer("s-1").Outcome == vocabulary.OutcomeDuplicate
	})
	s.write("", "front")
	s.reload <- os.Interrupt
	hub.Await("off", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyOff })
	slips := 0
	for _, p := range s.printers["front"].Pieces() {
		if containsVoucher(p.Text(), 880001) {
			slips++
		}
	}
	if slips != 2 {
		t.Errorf("%d slips on paper, want the first and its marked copy", slips)
	}
	w := watched(b, "shop-1")
	w.secrets(t, payload)
	w.check(t, 10)
}
