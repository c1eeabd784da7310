package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const events = `{"Action":"start","Package":"github.com/receiptd/receiptd/docs"}
# a line of the compiler
{"Action":"pass","Package":"github.com/receiptd/receiptd/docs","Test":"TestClients/go","Elapsed":30.04}
{"Action":"pass","Package":"github.com/receiptd/receiptd/docs","Test":"TestClients/java","Elapsed":31}
{"Action":"pass","Package":"github.com/receiptd/receiptd/docs","Test":"TestClients","Elapsed":0}
{"Action":"pass","Package":"github.com/receiptd/receiptd/queue","Test":"TestKilledAtEachCall","Elapsed":12.3}
{"Action":"pass","Package":"github.com/receiptd/receiptd/queue","Test":"TestQuick","Elapsed":0.1}
{"Action":"pass","Package":"github.com/receiptd/receiptd/queue","Elapsed":99}
`

const table = "| test | package | seconds |\n| --- | --- | --- |\n| `TestClients` | `docs` | 31.0 |\n| `TestKilledAtEachCall` | `queue` | 12.3 |\n"

func TestSlowest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("Before.\n"+began+"old\n"+ended+"After.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(strings.NewReader(events), nil, 2, file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Before.\n" + began + table + ended + "After.\n"; string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	if err := run(strings.NewReader(`{"Action":"fail","Package":"p","Test":"T"}`), nil, 1, ""); err == nil {
		t.Error("a run that failed was taken")
	}
	if err := run(strings.NewReader("ok  	p	1s\n"), nil, 1, ""); err == nil {
		t.Error("a run without -json was taken")
	}
}
