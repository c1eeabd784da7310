package virtual_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// What programs of others print, as testdata/producers/generate.mjs made it, is on paper with its cut, and what is not is said.
// A new producer is one function there and one line here.
func TestProducers(t *testing.T) {
	sums := []string{"RECEIPT", "Café crème", "Thé vert", "TOTAL", "6.00"}
	encoder := append([]string{"Žluťoučký Ελλάδα Привет", "═════", "│in a box", "[QR https://receipt.example/42]", "[EAN13 4006381333931]",
		"[PDF417 receipt 42]", "[image 64x24]"}, sums...)
	receiptio := append([]string{"╭────────────────────┬──────┬──────────╮", "│Thé vert", "[image 64x32]", "[EAN13 4006381333931]"}, sums...)
	for file, c := range map[string]struct {
		model string
		want  []string
		miss  string
	}{
		"receiptio":                       {"", receiptio, ""},
		"receiptio-landscape":             {"", receiptio, ""},
		"receiptio-upside-down":           {"", receiptio, ""},
		"receiptio-gb18030":               {"", []string{"收据", "咖啡", "合计                                        4.00"}, ""},
		"receipt-printer-encoder":         {"", encoder, ""},
		"receipt-printer-encoder-columns": {"", encoder, ""},
		"receipt-printer-encoder-tm-t88v": {"epson-tm-t88", encoder, ""},
		"esc-pos-encoder":                 {"", encoder, ""},
		"node-thermal-printer": {"", append([]string{"4.00 €", "[image 64x32]", "[QR https://receipt.example/42]", "[CODE128 RECEIPT-42]",
			"[PDF417 receipt 42]", "[MaxiCode receipt 42]"}, sums...),
			// its drawer command lacks the two times, so that the next one is taken for them
			"GS ( k 50 65, GS ( k 50 81, control 01"},
		"node-escpos": {"", append([]string{"[image 64x24]", "[image 64x32]", "[EAN13 4006381333931]"}, sums...),
			// italics, and QR as some Chinese makers have it
			"ESC 4, GS Z, control 02, ESC Z, control 04, control 1a"},
	} {
		t.Run(file, func(t *testing.T) {
			sent, err := os.ReadFile(filepath.Join("testdata", "producers", file+".bin"))
			if err != nil {
				t.Fatal(err)
			}
			p, _ := printed(t, virtual.Options{Model: c.model}, string(sent)+"\x1b@")
			pieces, st := p.Pieces(), p.State()
			if len(pieces) != 1 || !pieces[0].Cut {
				t.Fatalf("%d pieces of paper, want one that is cut; what hangs: %s", len(pieces), p.Hanging().Text())
			}
			show(t, file, pieces[0])
			for _, want := range c.want {
				if !pieces[0].Contains(want) {
					t.Errorf("%q is not on paper:\n%s", want, pieces[0].Text())
				}
			}
			if missed(st) != c.miss {
				t.Errorf("not done: %s\nwant: %s", missed(st), c.miss)
			}
			listed := int64(0)
			for _, n := range st.NotDone {
				listed += n.N
			}
			if st.Counters.Unknown > listed || strings.Contains(pieces[0].Text(), "\uFFFD") {
				t.Errorf("%d unknown commands, and these are listed: %+v\n%s", st.Counters.Unknown, st.NotDone, pieces[0].Text())
			}
		})
	}
	files, err := filepath.Glob("testdata/producers/*.bin")
	if err != nil || len(files) != 10 {
		t.Errorf("%d files in testdata/producers, %v: each needs a line in this test", len(files), err)
	}
}
