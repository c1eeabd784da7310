package recording_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/printer/profile"
)

// Each profile stands in one row of the README's table of evidence, and in the row of recordings exactly when one is here.
func TestEvidence(t *testing.T) {
	recorded := map[string]bool{}
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasPrefix(filepath.Base(path), "virtual-") {
			continue
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := bytes.Cut(file, []byte("\n"))
		var head struct{ Profile string }
		if err := json.Unmarshal(first, &head); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		recorded[head.Profile] = true
	}
	for page, rows := range map[string][]string{
		"README.md":    {"| documents |", "| emulator of others |", "| recording |", "| hardware |"},
		"README.zh.md": {"| 文档 |", "| 别人的模拟器 |", "| 记录 |", "| 真机 |"},
	} {
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		in := map[string]string{}
		for line := range strings.SplitSeq(string(text), "\n") {
			for _, row := range rows {
				if !strings.HasPrefix(line, row) {
					continue
				}
				for i, name := range strings.Split(line, "`") {
					if i%2 == 1 {
						in[name] += row
					}
				}
			}
		}
		for _, name := range profile.Names() {
			at := strings.Index(strings.Join(rows, ""), in[name])
			if in[name] == "" || at < 0 {
				t.Errorf("%s: profile %s stands in %q, not in one row of the table of evidence", page, name, in[name])
			}
			if recorded[name] && in[name] != rows[2] && in[name] != rows[3] || in[name] == rows[2] && !recorded[name] {
				t.Errorf("%s: profile %s is in %q, with a recording here: %v", page, name, in[name], recorded[name])
			}
		}
	}
}
