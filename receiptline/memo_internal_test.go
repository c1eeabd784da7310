package receiptline

import (
	"fmt"
	"testing"
)

// What is kept never grows beyond its limit; the oldest goes first, and what is too large is not kept at all.
func TestMemo(t *testing.T) {
	m := memo[int]{limit: 100}
	for i := range 50 {
		m.put(fmt.Sprint(i), i, 7)
		if m.size > 100 || m.size != 7*len(m.kept) || len(m.kept) != len(m.order) {
			t.Fatalf("after %d: %d bytes, %d values, %d keys", i, m.size, len(m.kept), len(m.order))
		}
	}
	for i := range 50 {
		if v, ok := m.get(fmt.Sprint(i)); ok != (i >= 36) || ok && v != i {
			t.Errorf("%d: %d, %v", i, v, ok)
		}
	}
	m.put("49", 0, 7) // known already
	m.put("large", 1, 26)
	if _, ok := m.get("large"); ok || m.size != 98 {
		t.Errorf("a large value was kept: %d bytes", m.size)
	}
}

// A slip's code is drawn once for preview and paper, a template's logo is decoded once for all slips.
func TestKept(t *testing.T) {
	qr := Code{Symbology: "qrcode", Data: "https://example.com/000122", Level: 'm'}
	first, err := qr.QR()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := qr.QR(); &again.Dark[0] != &first.Dark[0] {
		t.Error("the same code was drawn twice")
	}
	other := qr
	other.Level = 'h'
	if m, _ := other.QR(); m.Size == first.Size {
		t.Error("another level gave the same code")
	}
	const dot = "{i:iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==}"
	a, diags := Set(dot, Options{})
	b, _ := Set(dot, Options{})
	if len(diags) > 0 || a.Rows[0].Image != b.Rows[0].Image {
		t.Errorf("decoded twice: %v", diags)
	}
}
