package receiptline_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// What Set gives does not depend on what was set before or is set meanwhile, and is not changed by what is set after.
func TestSetsAreIndependent(t *testing.T) {
	docs := []string{
		slip, "", "A|B|C", "{w:0}\nA|B", "{w:2,*;b:line}\nA|B\n---\nC|D\n===\nE|F\n{b:space}", "{w:auto}\n" + slip, "{x:1}\n{w:*,3}\na\\-b|c",
		"{c:1;o:code39,hri}\n{code:2}", "{o:qrcode}\n{c:x}", strings.Repeat("A | B\n", 600), "{bad\n^^^^^^^中", "_a_ \"b\" ~ `c`\\nd",
	}
	type result struct {
		layout *receiptline.Layout
		diags  []receiptline.Diagnostic
	}
	want := make([]result, len(docs))
	for i, src := range docs {
		doc, diags := receiptline.Parse(src, receiptline.Options{Width: 32})
		l, more := doc.Layout(receiptline.Options{Width: 32})
		want[i] = result{l, append(diags, more...)}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			got := make([]result, 0, 200)
			for k := range 200 {
				l, diags := receiptline.Set(docs[(k*(g+1)+g)%len(docs)], receiptline.Options{Width: 32})
				got = append(got, result{l, diags})
			}
			for k := range got {
				i := (k*(g+1) + g) % len(docs)
				if got[k].layout.Text() != want[i].layout.Text() || !reflect.DeepEqual(got[k].layout.Rows, want[i].layout.Rows) ||
					!reflect.DeepEqual(got[k].diags, want[i].diags) {
					t.Errorf("document %d, set as number %d, is not the same", i, k)
				}
			}
		})
	}
	wg.Wait()
}
