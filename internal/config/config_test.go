package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/receiptd/receiptd/internal/config"
)

const onePrinter = "[[printer]]\nname = \"front\"\ndevice = \"tcp://192.0.2.1:9100\"\n"

// The commented example documents every key with its default: with the comments taken away it must give the defaults.
func TestExampleHoldsEveryKeyWithItsDefault(t *testing.T) {
	data, err := os.ReadFile("../../examples/receiptd.toml")
	if err != nil {
		t.Fatal(err)
	}
	full := regexp.MustCompile(`(?m)^#([a-z_.]+ = |\[\[)`).ReplaceAllString(string(data), "$1")
	c, err := config.Parse("receiptd.toml", []byte(full), nil)
	if err != nil {
		t.Fatalf("the example with every key set:\n%v", err)
	}
	short, err := config.Parse("receiptd.toml", data, nil)
	if err != nil {
		t.Fatalf("the example as shipped:\n%v", err)
	}
	ignore := cmpopts.IgnoreFields(config.Config{}, "Origins", "Routes", "Money", "Notify", "Captures")
	opts := cmp.Options{ignore, cmpopts.EquateEmpty(), cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Slip.Copies" }, cmp.Ignore())}
	if diff := cmp.Diff(short, c, opts); diff != "" {
		t.Errorf("a default in the example differs from the program's (-program +example):\n%s", diff)
	}
	for _, key := range config.Keys() {
		key = strings.TrimPrefix(strings.TrimPrefix(key, "printer."), "route.")
		if i := strings.LastIndexByte(key, '.'); i >= 0 {
			key = key[i+1:]
		}
		if !strings.Contains(string(data), key) {
			t.Errorf("the example does not mention %s", key)
		}
	}
}

func TestErrorsShowTheLine(t *testing.T) {
	for name, row := range map[string]struct {
		toml, key, en string
		line          int
	}{
		"unknown key":           {"[spool]\ndirr = \"x\"\n", "spool.dirr", "did you mean dir?", 2},
		"of several sections":   {"[spool]\nlisten = \"x\"\n", "spool.listen", "it belongs to [http] or [[capture]]", 2},
		"of three sections":     {"[spool]\nname = \"x\"\n", "spool.name", "it belongs to [[notify]], [[printer]] or [[capture]]", 2},
		"unknown table":         {"[spol]\ndir = \"x\"\n", "spol", "unknown section spol (did you mean spool?)", 1},
		"wrong type":            {"[journal]\nretention_months = \"x\"\n", "journal.retention_months", "", 2},
		"out of range":          {"[journal]\nretention_months = 2\n", "journal.retention_months", "outside 6 to 120", 2},
		"bad duration":          {"[spool]\nsettle = \"3 parsecs\"\n", "spool.settle", "time span", 2},
		"not loopback":          {"[http]\nlisten = \"0.0.0.0:9180\"\n", "http.listen", "loopback", 2},
		"one of a list":         {"[http]\nlisten = [\"127.0.0.1:1\", \"nonsense\"]\n", "http.listen", "host:port", 2},
		"no device":             {"[[printer]]\nname = \"a\"\n", "printer[0].device", "is missing", 1},
		"two of one name":       {onePrinter + onePrinter, "printer[1].name", "twice", 5},
		"second printer":        {onePrinter + "[[printer]]\nname = \"b\"\ndevice = \"x\"\nproof = \"Z\"\n", "printer[1].proof", "A, B, C, D", 7},
		"route to nowhere":      {onePrinter + "[[route]]\nprinter = \"back\"\n", "route[0].printer", "no printer called", 5},
		"feed too far":          {onePrinter + "feed = 401\n", "printer[0].feed", "24 to 400", 4},
		"select as text":        {onePrinter + "select = \"yes\"\n", "printer[0].select", "true or false", 4},
		"line to nobody":        {onePrinter + "select_after = 1\n", "printer[0].select_after", "2 to 3", 4},
		"label of two lines":    {onePrinter + "label = \"a\\nb\"\n", "printer[0].label", "at most 20", 4},
		"station of a customer": {onePrinter + "[[route]]\nprinter = \"front\"\ncopy = \"customer\"\nstation = \"bar\"\n", "route[0].station", "kitchen copy", 7},
		"failover to itself":    {onePrinter + "failover = \"front\"\n", "printer[0].failover", "not another", 4},
		"syntax":                {"[spool\n", "", "", 1},
		"copies of no kind":     {"[slip.copies]\nsale = [\"merchant\"]\n", "slip.copies.sale", "use one of: transaction, ", 2},
		"negative sales":        {"[slip]\nnegative = [\"sale\"]\n", "slip.negative", "use one of: void, refund", 2},
		"hotline of two lines":  {"[slip]\nhotline = \"955\\n16\"\n", "slip.hotline", "of one line, at most 40", 2},
		"endless footer":        {"[slip]\nfooter = [\"" + strings.Repeat("a", 201) + "\"]\n", "slip.footer", "at most 200", 2},
		"too many lines":        {"[slip]\nfooter = [" + strings.Repeat("\"a\",", 11) + "]\n", "slip.footer", "at most 10 lines", 2},
		"dotted in a section":   {onePrinter + "# filed\narchive.on = true\narchive.months = 2\n", "printer[0].archive", "it is a section of its own: [archive]", 5},
		"dotted, unknown":       {"[journal]\ndocument_days = 3\n[spool]\nfoo.bar = 1\n", "spool.foo", "unknown key spool.foo", 4},
		"one sign for both":     {"[[money]]\ngroup = \".\"\n", "money[0].group", "decimal sign as well", 2},
		"both written out":      {"[[money]]\ndecimal = \",\"\ngroup = \",\"\n", "money[0].group", "decimal sign as well", 3},
		"a letter for a sign":   {"[[money]]\ngroup = \"x\"\n", "money[0].group", "use one of", 2},
		"no currency":           {"[[money]]\ncurrency = \"Euro\"\n", "money[0].currency", "e.g. CNY", 2},
		"no language":           {"[[money]]\nlocale = \"Deutsch!\"\n", "money[0].locale", "e.g. zh-CN", 2},
		"money as one section":  {"[money]\ngroup = \",\"\n", "money", "two brackets", 1},
		"no copies":             {"[slip.copies]\norder = []\n", "slip.copies.order", "must not be empty", 2},
		"GBK comment":           {"[spool]\n# \xb4\xf2\xd3\xa1\xbb\xfa\ndir = \"x\"\n", "", "save it as UTF-8", 2},
		"UTF-16":                {"\xff\xfe[\x00s\x00", "", "save it as UTF-8", 1},
		"number for a time":     {"[spool]\nsettle = 30\n", "spool.settle", "with a unit", 2},
		"truth for a time":      {onePrinter + "copy_pause = true\n", "printer[0].copy_pause", "with a unit", 4},
		"text for a number":     {"[log]\nmax_mb = \"10\"\n", "log.max_mb", "whole number", 2},
		"number for a text":     {"[[printer]]\nname = 3\n", "printer[0].name", "in quotes", 2},
		"number for a list":     {"[http]\nlisten = 9180\n", "http.listen", "in quotes", 2},
		"text for a list":       {"[spool]\nallow = \"archive_copy\"\n", "spool.allow", "in brackets", 2},
		"one bracket":           {"[printer]\nname = \"a\"\n", "printer", "[[printer]]", 1},
		"value for a section":   {"spool = \"/srv\"\n", "spool", "write [spool]", 1},
		"Windows path":          {"[spool]\ndir = \"C:\\Users\"\n", "", "single quotes", 2},
		"key twice":             {"[spool]\ndir = \"a\"\ndir = \"b\"\n", "dir", "twice: line 2", 3},
		"port out of range":     {"[http]\nlisten = \"127.0.0.1:99999\"\n", "http.listen", "1 to 65535", 2},
		"long idle_close":       {onePrinter + "idle_close = \"2h\"\n", "printer[0].idle_close", "outside 0s", 4},
		"unknown locale":        {"[shop]\nlocale = \"fr\"\n", "shop.locale", "zh-CN, en", 2},
		"trust not known":       {"[guard]\ntrust = [\"text\"]\n", "guard.trust", "qr, barcode", 2},
		"permission not known":  {"[spool]\nallow = [\"cut\"]\n", "spool.allow", "archive_copy", 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("r.toml", []byte(row.toml), nil)
			var ce *config.Error
			if !errors.As(err, &ce) {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			p := ce.Problems[0]
			if p.Line != row.line || (row.key != "" && p.Key != row.key) || !strings.Contains(p.En, row.en) {
				t.Errorf("got key %q line %d %q; want key %q line %d with %q", p.Key, p.Line, p.En, row.key, row.line, row.en)
			}
			if p.Line > 0 && !strings.ContainsAny(p.Excerpt, "~^") {
				t.Errorf("no caret in excerpt %q", p.Excerpt)
			}
			if p.Zh == "" || p.Zh == p.En || strings.Contains(p.Zh+p.En+p.Excerpt, "decode") {
				t.Errorf("no text for a shop: %q, %q\n%s", p.Zh, p.En, p.Excerpt)
			}
		})
	}
}

// A file as the editors of Windows write it.
func TestWindowsFile(t *testing.T) {
	c, err := config.Parse("", []byte("\xef\xbb\xbf# 小票\r\n[spool]\r\ndir = 'C:\\spool'\r\n"), nil)
	if err != nil || c.Spool.Dir != `C:\spool` || c.Origins["spool.dir"] != "file:3" {
		t.Errorf("got %+v, %v", c, err)
	}
}

// A time of 0 is a wish; only a time that is not written is the default.
func TestWrittenZero(t *testing.T) {
	for form, text := range map[string]string{
		"sections": onePrinter + "copy_pause = \"0s\"\n[[printer]]\nname = \"back\"\ndevice = \"tcp://192.0.2.2\"\n",
		"inline":   "printer = [{name = \"front\", device = \"tcp://192.0.2.1\", copy_pause = \"0s\"}, {name = \"back\", device = \"tcp://192.0.2.2\"}]\n",
	} {
		c, err := config.Parse("", []byte(text), nil)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if a, b := time.Duration(c.Printers[0].CopyPause), time.Duration(c.Printers[1].CopyPause); a != 0 || b != 2*time.Second {
			t.Errorf("%s: got %s for 0s and %s for nothing", form, a, b)
		}
	}
}

// Relative paths begin at the configuration's folder, wherever a command is started.
func TestRelativePaths(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "receiptd.toml")
	text := "[spool]\ndir = \"spool\"\n[data]\ndir = \"data\"\n[templates]\ndir = \"/srv/templates\"\n[log]\nfile = \"log/r.log\"\n" + onePrinter + "font = \"../font.ttf\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, at := range []string{path, "receiptd.toml", "./receiptd.toml"} {
		c, err := config.Load(at, []string{"RECEIPTD_DATA_DIR=other"})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{c.Spool.Dir, c.Data.Dir, c.Templates.Dir, c.Log.File, c.Printers[0].Font}
		want := []string{filepath.Join(dir, "spool"), filepath.Join(dir, "other"), "/srv/templates", filepath.Join(dir, "log", "r.log"), filepath.Join(filepath.Dir(dir), "font.ttf")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}

// What the caller's checks find stands beside the line, and only when the rest is good.
func TestChecks(t *testing.T) {
	check := func(_ *config.Config, wrong func(key, zh, en string)) {
		wrong("printer[0].device", "不行", "no good")
	}
	_, err := config.Parse("r.toml", []byte(onePrinter), nil, check)
	var ce *config.Error
	if !errors.As(err, &ce) || ce.Problems[0].Line != 3 || !strings.Contains(ce.Text("zh"), "不行") || !strings.Contains(ce.Text("en"), "~~~~~~") {
		t.Errorf("got %v", err)
	}
	_, err = config.Parse("r.toml", []byte(onePrinter+"width = 1\n"), nil, check)
	if !errors.As(err, &ce) || len(ce.Problems) != 1 || ce.Problems[0].Key != "printer[0].width" {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentLiesAboveTheFile(t *testing.T) {
	c, err := config.Parse("r.toml", []byte("[spool]\ndir = \"/a\"\nsettle = \"5s\"\n"), []string{
		"RECEIPTD_SPOOL_DIR=/b", "RECEIPTD_HTTP_LISTEN=127.0.0.1:1, [::1]:2", "RECEIPTD_JOURNAL_RETENTION_MONTHS=12", "OTHER=x"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Spool.Dir != "/b" || c.HTTP.Listen.String() != "127.0.0.1:1, [::1]:2" || c.Journal.RetentionMonths != 12 || time.Duration(c.Spool.Settle) != 5*time.Second {
		t.Errorf("got %+v", c)
	}
	want := map[string]string{"spool.dir": "env RECEIPTD_SPOOL_DIR", "spool.settle": "file:3", "http.listen": "env RECEIPTD_HTTP_LISTEN", "journal.retention_months": "env RECEIPTD_JOURNAL_RETENTION_MONTHS"}
	if diff := cmp.Diff(want, c.Origins); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"RECEIPTD_SPOOL_SETTLE=soon", "RECEIPTD_SPOOL_SETTLE=2h"} {
		_, err := config.Parse("r.toml", []byte("[spool]\nsettle = \"5s\"\n"), []string{bad})
		var ce *config.Error
		if !errors.As(err, &ce) || ce.Problems[0].Line != 0 || !strings.Contains(err.Error(), "variable RECEIPTD_SPOOL_SETTLE") {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func TestRoutes(t *testing.T) {
	c, err := config.Parse("r.toml", []byte(onePrinter+`
[[printer]]
name = "kitchen"
device = "tcp://192.0.2.2:9100"
[[route]]
kind = "order"
copy = "kitchen"
printer = "kitchen"
[[route]]
counter = "c2"
printer = "kitchen"
[[route]]
station = "bar"
printer = "front"
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ wish, kind, copyName, counter, want string }{
		{"", "order", "kitchen", "c1", "kitchen"},
		{"", "order", "customer", "c1", "front"},
		{"", "transaction", "merchant", "c2", "kitchen"},
		{"front", "order", "kitchen", "c2", "front"},
		{"gone", "order", "kitchen", "c1", "kitchen"},
		{"", "order", "kitchen@bar", "c1", "front"},
		{"kitchen", "order", "kitchen@bar", "c1", "front"}, // a station is where it is, whatever the job wishes
		{"", "order", "kitchen@grill", "c1", "kitchen"},
		{"front", "order", "kitchen@grill", "c1", "front"},
		{"", "order", "customer", "c2", "kitchen"},
	} {
		if got := c.PrinterFor(row.wish, row.kind, row.copyName, row.counter, "t"); got != row.want {
			t.Errorf("%+v: got %s", row, got)
		}
	}
}

// TestIdleClose: only a network printer is given back when nothing else is said.
func TestIdleClose(t *testing.T) {
	for _, row := range []struct {
		device, written string
		want            time.Duration
	}{
		{"tcp://192.0.2.1:9100", "", 2 * time.Second},
		{"tcp://192.0.2.1:9100", "0s", 0},
		{"serial:///dev/ttyS0?baud=9600", "", 0},
		{"serial:///dev/ttyS0?baud=9600", "3s", 3 * time.Second},
		{"usb:///dev/usb/lp0", "", 0},
	} {
		text := fmt.Sprintf("[[printer]]\nname = \"front\"\ndevice = %q\n", row.device)
		if row.written != "" {
			text += fmt.Sprintf("idle_close = %q\n", row.written)
		}
		c, err := config.Parse("r.toml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Duration(c.Printers[0].IdleClose); got != row.want {
			t.Errorf("%s %q: %v, want %v", row.device, row.written, got, row.want)
		}
	}
}
