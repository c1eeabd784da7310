package job_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/plain/plaintest"
	"github.com/receiptd/receiptd/job"
)

// changed gives a job with one of its values written wrong in each way, for every value in it.
func changed(v any, path string, try func(at string, change func())) {
	switch v := v.(type) {
	case map[string]any:
		for key, was := range v {
			at := path + "/" + key
			for _, wrong := range []any{nil, true, 5.5, -1, "", "x", "“x”", []any{}, []any{1}, map[string]any{}, map[string]any{"x": 1}, strings.Repeat("x", 600), 1e300} {
				try(at, func() { v[key] = wrong })
			}
			v[key] = was
			if text, ok := was.(string); ok && len(text) > 2 {
				try(at, func() { v[key] = text[:len(text)-1] })
				try(at, func() { v[key] = strings.ToUpper(text) })
				v[key] = was
			}
			for _, name := range []string{key + "x", strings.ToUpper(key), key[1:]} {
				if _, there := v[name]; !there {
					try(at, func() { delete(v, key); v[name] = was })
					delete(v, name)
				}
			}
			try(at, func() { delete(v, key) })
			v[key] = was
			changed(was, at, try)
		}
	case []any:
		for i := range v {
			changed(v[i], path+"/0", try)
		}
	}
}

// Every value of the samples is written wrong in every way, and the file is broken at every place: what is said is a sentence in both
// languages with a next step, without words of Go.
func TestEveryProblemInWords(t *testing.T) {
	samples, err := filepath.Glob("../examples/jobs/*.json")
	if err != nil || len(samples) == 0 {
		t.Fatal(samples, err)
	}
	told := map[string]bool{}
	look := func(of string, data []byte) {
		for _, p := range append(job.Parse(data).Errors, job.Parse(data).Warnings...) {
			for lang, text := range map[string]string{"zh": p.Message.Zh, "en": p.Message.En, "zh fix": p.Fix.Zh, "en fix": p.Fix.En} {
				if told[lang+text] {
					continue
				}
				told[lang+text] = true
				code, _, _ := strings.Cut(lang, " ")
				text, _, _ := strings.Cut(text, "可用：") // values stand for themselves
				if text == "" {
					continue
				}
				if wrong := plaintest.Judge(code, text, strings.FieldsFunc(of+p.Pointer+"/discount/paid/total/receiptline/blocks/net/tax/gross/tenders/change", func(r rune) bool { return r == '/' })...); wrong != "" {
					t.Errorf("%s %s: %s: %s", of, p.Code, wrong, text)
				}
			}
		}
	}
	for i, file := range samples {
		if i%5 != 0 {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := json.Unmarshal(data, &tree); err != nil {
			t.Fatal(err)
		}
		n := 0
		changed(tree, "", func(at string, change func()) {
			change()
			if n++; testing.Short() && n%16 != 0 {
				return
			}
			broken, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			look(at, broken)
		})
		for cut := 0; cut < len(data); cut += 211 {
			look("cut", data[:cut])
			look("mark", append(append(append([]byte{}, data[:cut]...), "“"...), data[cut:]...))
		}
	}
	if !testing.Short() && len(told) < 100 {
		t.Errorf("only %d sentences", len(told))
	}
}

// A misspelt kind, value or key is answered with the one that was meant.
func TestMeantInJobs(t *testing.T) {
	data, err := os.ReadFile("../examples/jobs/01-sale-chip.json")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{`"transaction"`: `"transction"`, `"sale"`: `"slae"`, `"terminal_no"`: `"termnal_no"`, `"chip"`: `"Chip"`} {
		r := job.Parse([]byte(strings.Replace(string(data), from, to, 1)))
		said := ""
		for _, p := range append(r.Errors, r.Warnings...) {
			said += p.Fix.Zh + p.Fix.En
		}
		want := strings.Trim(from, `"`)
		if !strings.Contains(said, "是不是 "+want+"？") || !strings.Contains(said, "did you mean "+want+"?") {
			t.Errorf("%s: %s", to, said)
		}
	}
}
