package templates_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// override gives a set whose folder holds one template.
func override(t *testing.T, id, text string) *templates.Set {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, id, text)
	set, err := templates.Load(templates.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range set.Problems() {
		t.Fatal(p.En)
	}
	return set
}

func write(t *testing.T, dir, id, text string) {
	t.Helper()
	file := filepath.Join(dir, id+".receipt")
	if err := os.WriteFile(file+".part", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".part", file); err != nil {
		t.Fatal(err)
	}
}

// firstRow renders the sample sale and gives the text of its first row.
func firstRow(t *testing.T, set *templates.Set, locale string) string {
	t.Helper()
	slip, err := set.Render(templates.Input{Job: sample(t, "sale"), Copy: job.CopyMerchant, Width: 48, Locale: locale})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slip.Layout.Rows {
		if len(r.Runs) > 0 {
			return r.Runs[0].Text
		}
	}
	return ""
}

func wantFirst(t *testing.T, set *templates.Set, locale, want string) {
	t.Helper()
	if got := firstRow(t, set, locale); got != want {
		t.Errorf("the first row is %q, want %q", got, want)
	}
}

func TestOverrideBrokenAndMended(t *testing.T) {
	dir := t.TempDir()
	set, err := templates.Load(templates.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	reload := func(want ...templates.State) []templates.Event {
		t.Helper()
		events, err := set.Reload()
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != len(want) {
			t.Fatalf("events %+v, want %v", events, want)
		}
		for i, e := range events {
			if e.State != want[i] || e.Zh == "" || e.En == "" || (e.Err != nil) != (e.State == templates.Broken) {
				t.Errorf("event %+v, want %v", e, want[i])
			}
		}
		return events
	}
	reload()
	wantFirst(t, set, "zh-CN", "银联POS签购单")

	write(t, dir, "sale.zh-CN", "[[.Nope]]\n")
	if e := reload(templates.Broken)[0]; !strings.Contains(e.En, "built-in") || !strings.Contains(e.Zh, "内置") {
		t.Errorf("says %s %s", e.Zh, e.En)
	}
	wantFirst(t, set, "zh-CN", "银联POS签购单")
	reload() // told once

	write(t, dir, "sale.zh-CN", "好的店 [[.VoucherNo]]\n=\n")
	reload(templates.Loaded)
	wantFirst(t, set, "zh-CN", "好的店 105233")
	wantFirst(t, set, "en", "SALES SLIP")

	write(t, dir, "sale.zh-CN", "[[if]]\n")
	if e := reload(templates.Broken)[0]; !strings.Contains(e.En, "last good") || len(set.Problems()) != 1 {
		t.Errorf("says %s; problems %v", e.En, set.Problems())
	}
	wantFirst(t, set, "zh-CN", "好的店 105233")

	write(t, dir, "sale.zh-CN", "又好了\n=\n")
	reload(templates.Loaded)
	wantFirst(t, set, "zh-CN", "又好了")
	if len(set.Problems()) != 0 {
		t.Error("still a problem")
	}

	if err := os.Remove(filepath.Join(dir, "sale.zh-CN.receipt")); err != nil {
		t.Fatal(err)
	}
	reload(templates.Removed)
	wantFirst(t, set, "zh-CN", "银联POS签购单")
}

// TestOddEntries: what is no template in the folder is told of and spoils nothing else, at the start and while running.
func TestOddEntries(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sale.zh-CN", "好的店\n=\n")
	odd := []string{"old", "void.zh-CN"}
	if err := os.Mkdir(filepath.Join(dir, "old.receipt"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "void.zh-CN", strings.Repeat("x", 300<<10))
	if makePipe(filepath.Join(dir, "refund.zh-CN.receipt")) {
		odd = []string{"old", "refund.zh-CN", "void.zh-CN"}
	}
	set, err := templates.Load(templates.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	wantFirst(t, set, "zh-CN", "好的店")
	var got []string
	for _, p := range set.Problems() {
		got = append(got, p.Template)
		if !strings.Contains(p.Zh, "不是普通文件") && !strings.Contains(p.Zh, "超过") {
			t.Errorf("says %s", p.Zh)
		}
	}
	if !slices.Equal(got, odd) {
		t.Errorf("problems with %v, want %v", got, odd)
	}
	if events, err := set.Reload(); err != nil || len(events) != 0 {
		t.Errorf("told again: %v, %v", events, err)
	}
	if err := os.Remove(filepath.Join(dir, "sale.zh-CN.receipt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sale.zh-CN.receipt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if events, err := set.Reload(); err != nil || len(events) != 1 || events[0].State != templates.Broken {
		t.Errorf("a folder in the place of a template: %v, %v", events, err)
	}
	wantFirst(t, set, "zh-CN", "好的店")
}

// TestBrokenInChinese: the Chinese alarm is Chinese, whoever found the fault.
func TestBrokenInChinese(t *testing.T) {
	for name, text := range map[string]string{
		"stray brace": "a {b\n=\n", "no end": "[[if .Test]]\n=\n", "no such field": "[[.Nope]]\n=\n", "prints nothing": "=\n",
		"no such function": "[[nope .Test]]\n=\n", "no such section": "[[template \"nope\" .]]\n=\n",
		"action in a property": "{width:[[.Width]]}\na\n=\n",
	} {
		dir := t.TempDir()
		write(t, dir, "sale.zh-CN", text)
		set, err := templates.Load(templates.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range set.Problems() {
			_, cause, _ := strings.Cut(p.Zh, "（")
			cause, _, _ = strings.Cut(cause, "），仍用")
			for _, english := range []string{"the ", "is ", "not ", "unexpected", " a "} {
				if strings.Contains(cause, english) {
					t.Errorf("%s: %s", name, p.Zh)
					break
				}
			}
		}
		if len(set.Problems()) != 1 {
			t.Errorf("%s: %v", name, set.Problems())
		}
	}
}

func TestOverrideRows(t *testing.T) {
	tests := []struct {
		name, id, text string
		broken         string // "" when it must load
		locale, first  string
	}{
		{"a new locale", "sale.de", "Händlerbeleg\n=\n", "", "de", "Händlerbeleg"},
		{"a section of one template", "sale.zh-CN", "[[define \"foot\"]]\n=\n[[end]]\n自家\n[[template \"foot\" .]]\n", "", "zh-CN", "自家"},
		{"CRLF and a byte order mark", "sale.zh-CN", "\ufeff[[if .Test]]\r\nt\r\n[[end]]\r\n店\r\n=\r\n", "", "zh-CN", "店"},
		{"empty", "sale.zh-CN", "", "prints nothing", "zh-CN", "银联POS签购单"},
		{"a comment only", "sale.zh-CN", "[[/* later */]]\n=\n", "prints nothing", "zh-CN", "银联POS签购单"},
		{"no such template", "sales.zh-CN", "a\n", "no such template", "zh-CN", "银联POS签购单"},
		{"no locale", "sale", "a\n", "no such template", "zh-CN", "银联POS签购单"},
		{"a syntax error", "sale.zh-CN", "a\n[[if .Test]]\n", "an [[end]] is missing", "zh-CN", "银联POS签购单"},
		{"a stray brace", "sale.zh-CN", "a {b\n", "line 1", "zh-CN", "银联POS签购单"},
		{"too wide for 58 mm", "sale.zh-CN", "{width:*,*}\na|b|c|d\n", "line 2", "zh-CN", "银联POS签购单"},
		{"a raw command", "sale.zh-CN", "{command:\\x1bp}\n", "line 1", "zh-CN", "银联POS签购单"},
		{"shared sections broken", "_slip.zh-CN", "[[define \"title\"]]x[[end]]\n", "no longer compiles", "zh-CN", "银联POS签购单"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, tt.id, tt.text)
			set, err := templates.Load(templates.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			problems := set.Problems()
			if tt.broken == "" && len(problems) > 0 {
				t.Fatal(problems[0].En)
			}
			if tt.broken != "" && (len(problems) != 1 || !strings.Contains(problems[0].En, tt.broken)) {
				t.Errorf("problems %+v, want %q", problems, tt.broken)
			}
			wantFirst(t, set, tt.locale, tt.first)
		})
	}
}

// TestSharedSectionsOverride: one file changes every slip of its locale.
func TestSharedSectionsOverride(t *testing.T) {
	text, err := templates.Source("_slip", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	set := override(t, "_slip.zh-CN", strings.Replace(text, "^^^银联POS签购单", "^^^本店签购单", 1))
	wantFirst(t, set, "zh-CN", "本店签购单")
	for _, info := range set.List() {
		if (info.File != "") != (info.Name == "_slip" && info.Locale == "zh-CN") {
			t.Errorf("%+v", info)
		}
	}
}

// TestOverrideFailsOnOneSlip: a template that runs on the samples and fails on a real slip does not cost the slip.
func TestOverrideFailsOnOneSlip(t *testing.T) {
	set := override(t, "sale.zh-CN", "a\n[[if eq .VoucherNo \"999999\"]][[index .Remarks 9]][[end]]\n=\n")
	j := sample(t, "sale")
	j.Transaction.VoucherNo = "999999"
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	if len(slip.Warnings) != 1 || slip.Warnings[0].Code != "template_fallback" {
		t.Errorf("warnings %v", slip.Warnings)
	}
}

// TestSharedSectionFailsOnOneSlip: the same for a template that only calls the shop's own section.
func TestSharedSectionFailsOnOneSlip(t *testing.T) {
	text, err := templates.Source("_slip", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	broken := "[[if eq .VoucherNo \"999999\"]][[index .Remarks 9]][[end]]\n^^^银联POS签购单"
	set := override(t, "_slip.zh-CN", strings.Replace(text, "^^^银联POS签购单", broken, 1))
	j := sample(t, "sale")
	j.Transaction.VoucherNo = "999999"
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Width: 48})
	if err != nil {
		t.Fatal(err)
	}
	if len(slip.Warnings) != 1 || slip.Warnings[0].Code != "template_fallback" {
		t.Errorf("warnings %v", slip.Warnings)
	}
}

// TestWatch: a file loaded, broken, removed, in a folder that is there; and in one that appears later, is removed and
// appears again.
func TestWatch(t *testing.T) {
	t.Run("folder there", func(t *testing.T) {
		dir := t.TempDir()
		set, next := watch(t, dir)
		write(t, dir, "sale.zh-CN", "一\n=\n")
		next(templates.Loaded)
		wantFirst(t, set, "zh-CN", "一")
		write(t, dir, "sale.zh-CN", "{")
		next(templates.Broken)
		wantFirst(t, set, "zh-CN", "一")
		if err := os.Rename(filepath.Join(dir, "sale.zh-CN.receipt"), filepath.Join(dir, "sale.txt")); err != nil {
			t.Fatal(err)
		}
		next(templates.Removed)
		wantFirst(t, set, "zh-CN", "银联POS签购单")
	})
	t.Run("folder appears", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "etc", "templates")
		_, next := watch(t, dir)
		for range 2 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, dir, "sale.zh-CN", "一\n=\n")
			next(templates.Loaded)
			if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
				t.Fatal(err)
			}
			next(templates.Removed)
		}
	})
}

// TestWatchMeetsNewFolders: folders that appear while Watch looks for the nearest one that is there.
func TestWatchMeetsNewFolders(t *testing.T) {
	for range 40 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), strings.Repeat("a/", 40), "templates")
			_, next := watch(t, dir)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, dir, "sale.zh-CN", "一\n=\n")
			next(templates.Loaded)
		})
	}
}

// watch runs Watch until the test ends; next waits for its next event.
func watch(t *testing.T, dir string) (set *templates.Set, next func(templates.State)) {
	t.Helper()
	set, err := templates.Load(templates.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	events := make(chan templates.Event, 10)
	done := make(chan error)
	go func() { done <- set.Watch(ctx, func(e templates.Event) { events <- e }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return set, func(want templates.State) {
		t.Helper()
		select {
		case e := <-events:
			if e.State != want {
				t.Fatalf("event %+v, want %s", e, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no event, want %s", want)
		}
	}
}

func TestNew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	file, err := templates.New("sale", "zh-CN", dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := templates.Source("sale", "zh-CN"); string(text) != want || filepath.Base(file) != "sale.zh-CN.receipt" {
		t.Errorf("%s: %q", file, text)
	}
	if _, err := templates.New("sale", "zh-CN", dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwrote: %v", err)
	}
	if _, err := templates.New("sale", "../en", dir); !errors.Is(err, templates.ErrUnknownTemplate) {
		t.Errorf("left the folder: %v", err)
	}
	if _, err := templates.New("nope", "zh-CN", dir); !errors.Is(err, templates.ErrUnknownTemplate) {
		t.Errorf("made it: %v", err)
	}
}

// TestBuiltinsAreSound: every built-in template passes its own lint without a warning.
func TestBuiltinsAreSound(t *testing.T) {
	set := load(t)
	for _, info := range set.List() {
		text, err := templates.Source(info.Name, info.Locale)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range set.Lint(info.Name+"."+info.Locale+".receipt", text) {
			t.Errorf("%s.%s: %s", info.Name, info.Locale, d)
		}
		if info.Zh == "" || info.En == "" {
			t.Errorf("%s is not described", info.Name)
		}
	}
}

// TestLintPlaces: what setting a slip finds stands at the template's own line, also behind lines that printed nothing,
// in a section of its own, and in the shared sections.
func TestLintPlaces(t *testing.T) {
	set := load(t)
	shared, err := templates.Source("_slip", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(shared, "^^^银联POS签购单\n")
	tests := []struct {
		name, file, text, code string
		line                   int
	}{
		{"plain", "sale.zh-CN", "a\nb {\n=\n", "stray_brace", 2},
		{"behind control lines", "sale.zh-CN", "[[if .Test]]\nx\ny\n[[end]]\na\n[[range .Remarks]]\nb {\n[[end]]\n=\n", "stray_brace", 7},
		{"behind a section", "sale.zh-CN", "[[template \"title\" .]]\n[[template \"merchant\" .]]\nb {\n=\n", "stray_brace", 3},
		{"own section", "sale.zh-CN", "[[define \"x\"]]\na\nb {\n[[end]]\n[[template \"x\" .]]\n=\n", "stray_brace", 3},
		{"shared section", "_slip.zh-CN", before + "b {\n" + after, "stray_brace", 1 + strings.Count(before, "\n")},
		{"no cut", "sale.zh-CN", "a\n", "no_cut", 1},
		{"a member that is not there", "sale.zh-CN", "a\n\n[[.Nope]]\n", "template", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diags := set.Lint(tt.file+".receipt", tt.text)
			for _, d := range diags {
				if d.Line == tt.line && d.Code == tt.code && d.Zh != "" && d.En != "" {
					return
				}
			}
			t.Errorf("got %v, want %s at line %d", diags, tt.code, tt.line)
		})
	}
}
