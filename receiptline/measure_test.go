package receiptline_test

import (
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

func TestGB18030Width(t *testing.T) {
	for want, chars := range []string{
		"\u0301\u200d\ufe0f\u3099\u302a\ua8c4\u20dd", // combining marks, joiners
		"A~\u00a0 ",
		"é€¥¡中、アｱ한Ω１😀·",
	} {
		for _, r := range chars {
			if got := receiptline.GB18030Width(r); got != want {
				t.Errorf("%U takes %d cells, want %d", r, got, want)
			}
		}
	}
}

// Another measure, such as that of a single-byte code page, is used throughout.
func TestMeasure(t *testing.T) {
	one := func(rune) int { return 1 }
	l, _ := receiptline.Set("{w:3;a:left}\n|^中^é中 |", receiptline.Options{Measure: one})
	if got := l.Text(); got != "中 é\n中\n" {
		t.Errorf("got %q", got)
	}
	if cells := l.Rows[0].Runs[0].Cells; cells != 2 {
		t.Errorf("%d cells", cells)
	}
}
