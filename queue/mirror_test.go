package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// with puts more fields into a slip's payload.
func (x slip) with(fields string) string {
	return strings.Replace(x.String(), `"card":`, fields+`,"card":`, 1)
}

// TestRefundedAndCompleted shows what the mirror says about slips that later ones give back or complete.
func TestRefundedAndCompleted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	take := func(text string) {
		t.Helper()
		if a := s.accept(text); a.Outcome != queue.Accepted {
			t.Fatalf("%+v", a)
		}
	}
	want := func(id string, money vocabulary.Money) {
		t.Helper()
		st, err := s.q.Jobs.Show(t.Context(), id)
		if err != nil || st.Summary.Money != money {
			t.Errorf("%s is %q (%v), want %q", id, st.Summary.Money, err, money)
		}
	}
	take(slip{id: "sale", voucher: "000001", amount: 4250}.with(`"reference_no":"120011223344"`))
	take(slip{id: "other", voucher: "000002"}.with(`"reference_no":"120011223345"`))
	refund := `"original":{"reference_no":"120011223344","transacted_on":"2026-08-11"}`
	take(slip{id: "part", typ: "refund", voucher: "000003", amount: 4000}.with(refund))
	want("sale", "approved")
	take(slip{id: "no", typ: "refund", result: "declined", voucher: "000004", amount: 250}.with(refund))
	want("sale", "approved")
	take(slip{id: "rest", typ: "refund", voucher: "000005", amount: 250}.with(refund))
	want("sale", "refunded")
	want("other", "approved")
	take(reversal("rev", "succeeded", "000005", "2026-08-11T12:00:00+08:00"))
	want("sale", "approved")

	take(slip{id: "hold", typ: "pre_auth", voucher: "000006"}.with(`"auth_code":"551201"`))
	want("hold", "approved")
	take(slip{id: "done", typ: "pre_auth_completion", voucher: "000007"}.with(`"original":{"auth_code":"551201"}`))
	want("hold", "completed")
	take(slip{id: "undo", typ: "pre_auth_completion_void", voucher: "000008", original: "000007"}.String())
	want("hold", "approved")
}

// TestVoidsThatNameAnotherBatch shows which slip says that it was voided when the void names it by its code or by another batch.
func TestVoidsThatNameAnotherBatch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p := &paper{}
	s.run(p)
	take := func(text string) {
		t.Helper()
		a := s.accept(text)
		if a.Outcome != queue.Accepted {
			t.Fatalf("%+v", a)
		}
		s.settled(a.JobID)
	}
	reprints := 0
	voided := func(want bool, voucher, batch string) {
		t.Helper()
		reprints++
		take(byVoucher(fmt.Sprint("r", reprints), voucher, fmt.Sprintf(`,"copies":["merchant"],"batch_no":%q`, batch)))
		p.mu.Lock()
		defer p.mu.Unlock()
		if m := p.marks[len(p.marks)-1]; m.Voided != want {
			t.Errorf("voucher %s of batch %s voided: %v", voucher, batch, m.Voided)
		}
	}
	take(slip{id: "old", batch: "000050", voucher: "000077", at: "2026-08-10T12:00:00+08:00"}.String())
	take(slip{id: "sale", voucher: "000077"}.String())
	take(slip{id: "hold", typ: "pre_auth", voucher: "000010"}.with(`"auth_code":"384928"`))
	take(slip{id: "other", typ: "pre_auth", voucher: "000011"}.with(`"auth_code":"384929"`))
	take(slip{id: "v1", typ: "sale_void", voucher: "000012"}.with(`"original":{"voucher_no":"000077","batch_no":"000050"}`))
	voided(true, "77", "50")
	voided(false, "77", "122")
	take(slip{id: "v2", typ: "pre_auth_void", voucher: "000013"}.with(`"original":{"auth_code":"384928"}`))
	voided(true, "10", "122")
	voided(false, "11", "122")
	st, err := s.q.Jobs.Show(t.Context(), "hold")
	if err != nil || st.Summary.Money != "voided" {
		t.Errorf("the pre-authorisation is %q, not voided (%v)", st.Summary.Money, err)
	}
	take(slip{id: "v3", typ: "pre_auth_void", voucher: "000014"}.with(`"original":{"voucher_no":"000077","auth_code":"999999"}`))
	voided(false, "77", "122")
	take(slip{id: "v4", typ: "sale_void", voucher: "000015"}.with(`"original":{"voucher_no":"000077","batch_no":"000122"}`))
	voided(true, "77", "122")
	take(reversal("n", "succeeded", "000012", "2026-08-11T12:00:00+08:00"))
	voided(false, "77", "50")
}
