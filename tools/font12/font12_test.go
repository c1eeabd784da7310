package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGlyphs: what receiptd holds is what the font gives.
func TestGlyphs(t *testing.T) {
	want, err := glyphs()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "printer", "font12", "glyphs.bin"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v; want %d: go run ./font12 ../printer/font12/glyphs.bin", len(got), err, len(want))
	}
}
