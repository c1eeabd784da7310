package raster

import "testing"

func TestVisual(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"abc", "abc"},
		{"שלום", "םולש"},
		{"a שלום b", "a םולש b"},
		{"שלום 12.50", "םולש 12.50"},
		{"שלום 12.50 תודה", "הדות 12.50 םולש"},
		{"תודה (רבה) x", "(הבר) הדות x"},
		{"א 1/2 ב x ג", "ב 1/2 א x ג"},
	} {
		if got := string(visual([]rune(c.in))); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.in, got, c.want)
		}
	}
}
