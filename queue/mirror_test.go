package queue_test

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// with puts more fields into a slip's payload.
func (x slip) with(fields string) string {
	return strings.Replace(x.String(), `"card":`, fields+`,"card":`, 1)
}

// TestRefundedAndCompleted shows what the mirror says about slips that later ones give back or complete.
func TestRefundedAndCompleted(t *testing.T) {
	s := newShop(t)
	take := func(text string) {
		t.Helper()
		if a := s.accept(text); a.Outcome != queue.Accepted {
			t.Fatalf("%+v", a)
		}
	}
	want := func(id, money string) {
		t.Helper()
		st, err := s.q.Show(t.Context(), id)
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
