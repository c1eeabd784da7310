package pin_test

import (
	"testing"

	"github.com/receiptd/receiptd/internal/pin"
)

// A PIN that a stranger tries first is told from one that is not.
func TestWeak(t *testing.T) {
	for _, p := range []string{"1234", "0000", "111111", "123456", "4321", "987654", "7890", "1212", "123123", "1987", "2026", "aaaa", "0131", "3101", "1225", "900131", "310190", "19900131", "31011990", "20260831", "2580"} {
		if !pin.Weak(p) {
			t.Errorf("%s passes for a good one", p)
		}
	}
	for _, p := range []string{"4711", "8305", "739154", "kasse-27", "3247", "991399"} {
		if pin.Weak(p) {
			t.Errorf("%s is called weak", p)
		}
	}
}
