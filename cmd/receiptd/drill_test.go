package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/virtual"
)

// TestDrill goes through all five situations on the virtual printer. Each ends in the journal's state that the drill asks for, and no piece
// of paper can pass for a slip of the shop's: each says DRILL in its head.
func TestDrill(t *testing.T) {
	if testing.Short() {
		t.Skip("it prints at a printer's pace")
	}
	t.Parallel() // most of it is waiting
	var out, errs bytes.Buffer
	a := &app{stdout: &out, stderr: &errs, lang: "en"}
	d, err := drillCommand{a}.open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	model, err := virtual.ModelByName("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	model.CutMillis = 20
	d.auto, d.printer = true, virtual.New(virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 1000})
	text, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.config, bytes.ReplaceAll(text, []byte("proof = 'auto'"), []byte("proof = 'A'")), 0o600); err != nil { // such a fast printer is not believed otherwise
		t.Fatal(err)
	}
	if err := d.run(t.Context()); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), errs.String())
	}
	for _, want := range []string{"000002 held", "000002 printed", "000003 printed · ", "000004 uncertain", "000004 printed · ", "000005 reversal pending", "000005 reversed", "batch 000001 is settled", "All five"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	pieces := d.printer.Pieces()
	if len(pieces) < 8 {
		t.Errorf("%d pieces", len(pieces))
	}
	for _, p := range pieces {
		if strings.TrimSpace(p.Text()) == "" {
			continue // fed blank when the roll was changed
		}
		lines := strings.SplitN(p.Text(), "\n", 8)
		if head := strings.Join(lines[:min(len(lines), 7)], "\n"); !strings.Contains(head, "DRILL") {
			t.Errorf("piece %d does not say in its head that it is a drill's:\n%s", p.N, p.Text())
		}
	}
}
