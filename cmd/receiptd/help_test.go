package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

// rootIn makes the command line of a user of one language.
func rootIn(lang string) *cobra.Command {
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, lang: language(lang)}
	return newRootCommand(a)
}

// TestCommandsDocument keeps docs/commands.md equal to the commands' own help.
func TestCommandsDocument(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "commands.md")
	var b bytes.Buffer
	writeMarkdown(&b, manual(rootIn("en")))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("docs/commands.md is out of date: go test ./cmd/receiptd -run TestCommandsDocument -update")
	}
}

// TestManual: each command has a page for man(1), the same each time, with the exit codes.
func TestManual(t *testing.T) {
	for _, c := range manual(rootIn("en")) {
		var a, b strings.Builder
		if err := errors.Join(writeMan(&a, c), writeMan(&b, c)); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() || !strings.Contains(a.String(), ".SH EXIT STATUS") || !strings.Contains(a.String(), "RECEIPTD_CONFIG") || strings.Contains(a.String(), "Auto generated") {
			t.Errorf("%s:\n%s", c.CommandPath(), a.String())
		}
	}
}

// TestContractCommands: every command and flag that the contract promises is there.
func TestContractCommands(t *testing.T) {
	root := rootIn("en")
	for path, flags := range map[string]string{
		"run": "demo", "job check": "", "job preview": "output width profile copy", "job submit": "wait",
		"job list": "batch terminal state search limit", "job show": "", "job schema": "", "job cancel": "copy", "job defective": "copy",
		"job resolve": "copy came-out", "job slip": "output copy operator reason case id no list pin-file", "reprint": "last voucher settlement job terminal copies operator reason printer id wait archive batch case pin-file",
		"reversal list": "", "reversal resolve": "pin-file", "batch list": "", "batch show": "", "batch settle": "pin-file", "batch reopen": "pin-file",
		"batch export": "output", "printer list": "", "printer status": "", "printer scan": "", "printer test": "", "printer probe": "cover record",
		"printer move": "", "printer pause": "operator", "printer resume": "operator", "printer cancel-waiting": "operator pin-file", "printer jam-cleared": "", "template list": "", "template show": "", "template lint": "width", "template preview": "watch",
		"template new": "", "virtual-printer": "listen control profile replay paper speed baud", "journal backup": "", "journal verify": "", "journal restore": "", "journal acknowledge": "", "page": "",
		"supervisor set-pin": "pin-file", "config check": "", "config init": "", "config example": "", "config undo": "pin-file", "config show": "", "version": "",
		"service install": "", "service uninstall": "", "service start": "", "service stop": "", "service status": "",
	} {
		c, rest, err := root.Find(strings.Fields(path))
		if err != nil || len(rest) > 0 {
			t.Errorf("receiptd %s: %v", path, err)
			continue
		}
		for _, f := range append(strings.Fields(flags), "config", "json", "lang", "quiet") {
			if c.Flag(f) == nil && root.PersistentFlags().Lookup(f) == nil {
				t.Errorf("receiptd %s has no --%s", path, f)
			}
		}
	}
}

// TestHelpInBothLanguages: what a Chinese user reads in the help is Chinese, and what an English one reads is not.
func TestHelpInBothLanguages(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	for _, lang := range []string{"zh", "en"} {
		for _, c := range manual(rootIn(lang)) {
			if want := lang == "zh"; han(c.Short) != want || want && c.Long != "" && !han(c.Long) {
				t.Errorf("%s, %s: %q", lang, c.CommandPath(), c.Short)
			}
			c.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if want := lang == "zh"; f.Name != "help" && f.Name != "version" && han(f.Usage) != want {
					t.Errorf("%s, %s --%s: %q", lang, c.CommandPath(), f.Name, f.Usage)
				}
			})
		}
	}
}

// TestWords: every state has its word in Chinese.
func TestWords(t *testing.T) {
	a := &app{lang: "zh"}
	for _, s := range []queue.State{queue.Queued, queue.Sending, queue.Printed, queue.Processed, queue.Sent, queue.Held, queue.Uncertain, queue.Defective, queue.Cancelled} {
		if word(a.lang, vocabulary.KindState, s) == string(s) {
			t.Errorf("%s has no Chinese word", s)
		}
	}
	for _, name := range copyNames {
		if word(a.lang, vocabulary.KindCopy, name) == name {
			t.Errorf("%s has no Chinese word", name)
		}
	}
	if a.lang = "en"; word(a.lang, vocabulary.KindState, "held") != "held" {
		t.Error("English takes the contract's own names")
	}
}

// TestProfilesInChinese: the columns of the profiles say in Chinese how a printer cuts and how well it is known.
func TestProfilesInChinese(t *testing.T) {
	var b strings.Builder
	printerCommands{a: &app{lang: "zh"}}.writeProfiles(&b, []api.Profile{{Name: "A", Cutter: "partial", Grade: "documented"}, {Name: "B", Cutter: "full", Grade: "reported"}, {Name: "C", Grade: "assumed"}})
	if got := b.String(); regexp.MustCompile(`[a-z]{3,}`).MatchString(got) || !strings.Contains(got, "半切") || !strings.Contains(got, "全切") {
		t.Error(got)
	}
}

// TestListsInChinese: lists show no name of the contract to who reads Chinese.
func TestListsInChinese(t *testing.T) {
	a := &app{lang: "zh", zone: time.UTC}
	var b strings.Builder
	jobCommands{a}.writeSummaries(&b, []queue.Summary{{Kind: "order", Type: "new"}, {Kind: "order", Type: "reminder"}, {Kind: "order", Type: "partial_refund"},
		{Kind: "settlement", Type: "interim"}, {Kind: "settlement", Type: "last_settlement"}, {Kind: "transaction", Type: "pre_auth", Money: "completed"}})
	batchCommands{a}.write(&b, []queue.Batch{{State: "settled", ClosedBy: "person 99"}, {State: "settled", ClosedBy: "person "}, {State: "settled", ClosedBy: "terminal"}})
	if word := regexp.MustCompile(`[a-z]{3,}`).FindString(b.String()); word != "" {
		t.Errorf("%q in\n%s", word, b.String())
	}
	if !strings.Contains(b.String(), "人工 99") {
		t.Error(b.String())
	}
}

// TestCompletions: a shell knows the values of flags that have few.
func TestCompletions(t *testing.T) {
	for flag, want := range map[string]string{"--state": "uncertain", "--lang": "zh"} {
		root := rootIn("en")
		var out strings.Builder
		root.SetOut(&out)
		root.SetArgs([]string{"__complete", "job", "list", flag, ""})
		if err := root.Execute(); err != nil || !strings.Contains(out.String(), want+"\n") {
			t.Errorf("%s: %v\n%s", flag, err, out.String())
		}
	}
}

// TestTable: Chinese characters are two columns wide, numbers stand at the right.
func TestTable(t *testing.T) {
	tb := newTable("名称", "N", "X").numbers(1)
	tb.add("ab", "7", "é")
	tb.add("打印机", "123", "")
	var b strings.Builder
	tb.write(&b, "")
	want := "名称      N  X\nab        7  é\n打印机  123\n"
	if b.String() != want {
		t.Errorf("got\n%s want\n%s", b.String(), want)
	}
}

// TestSlipTime: a list says a slip's time as the paper does, wherever this machine is.
func TestSlipTime(t *testing.T) {
	a := &app{lang: "en"}
	var b strings.Builder
	jobCommands{a}.writeSummaries(&b, []queue.Summary{{TransactedAt: time.Date(2026, 8, 11, 12, 34, 50, 0, time.FixedZone("", 12*3600+45*60))}})
	if !strings.Contains(b.String(), "08-11 12:34") {
		t.Error(b.String())
	}
}

// TestShopClock: times are shown by the shop's clock, wherever the machine's stands.
func TestShopClock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "receiptd.toml")
	if err := os.WriteFile(path, []byte("[shop]\ntimezone = \"Pacific/Kiritimati\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{lang: "en"}
	newRootCommand(a)
	a.configPath = path
	if _, err := a.loadConfig(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	reversalCommands{a: a}.write(&b, []queue.Reversal{{Since: time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC), Status: "pending"}})
	if !strings.Contains(b.String(), "08-12 02:00") {
		t.Error(b.String())
	}
}
