package config_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/plain/plaintest"
)

// The usual mistakes in a configuration are told by line, with what is wrong and how the line must read, in both languages.
func TestUsualMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[[printer]]\nname = front\n":                           `name = "front"`,
		"[[printer]]\nname = front desk # till\n":               `name = "front desk" # till`,
		"[[printer]]\nname = “front”\n":                         `name = "front"`,
		"[[printer]]\nname ＝ \"front\"\n":                       `name = "front"`,
		"［［printer］］\nname = \"front\"\n":                       `[[printer]]`,
		"[[printer]]\ndevice = tcp://127.0.0.1:9100\n":          `device = "tcp://127.0.0.1:9100"`,
		"[spool]\ndir = C:\\shop\\spool\n":                      `dir = 'C:\shop\spool'`,
		"[spool]\ndir = \"C:\\shop\\spool\"\n":                  `dir = 'C:\shop\spool'`,
		"[spool]\ndir = \"C:\\temp\\new\"\n":                    `dir = 'C:\temp\new'`, // escapes that there are
		"[spool]\ndir = \"C:\\users\\till\" # here\n":           `dir = 'C:\users\till' # here`,
		"[spool]\ndir = \"C:\\spool\\\"\n":                      `dir = 'C:\spool\'`,
		"[spool]\ndir = \"/a\tb\"\n":                            `"/a b"`,
		"[[printer]]\nname = ‘front’\n":                         `name = 'front'`,
		"[[printer]]\nname = \"front\n":                         `name = "front"`,
		"[[printer]]\nname = front\"\n":                         `name = "front"`,
		"[[printer]]\nname = \"front'\n":                        `name = "front"`,
		"[[printer]]\nname = \"front\",\n":                      `name = "front"`,
		"[[printer]]\nname = \"front\"; # x\n":                  `name = "front" # x`,
		"[[printer]]\nname: \"front\"\n":                        `name = "front"`,
		"[[printer]]\nname: front\n":                            `name = "front"`,
		"[[printer]]\nname \"front\"\n":                         `name = "front"`,
		"[spool]\nname: front\n":                                `name = "front"`, // of another section
		"[[printer]]\nname => \"front\"\n":                      `name = "front"`,
		"[[printer]]\nname == \"front\"\n":                      `name = "front"`,
		"[[printer]]\nname\n":                                   `name = ""`,
		"[[printer]]\nname = \"front\"\nselect = yes\n":         `select = true`,
		"[[printer]]\nname = \"front\"\nselect = True\n":        `select = true`,
		"[[printer]]\nname = \"front\"\nwidth = 48 mm\n":        `width = 48`,
		"[[printer]]\nname = \"front\"\nfeed = 024\n":           `feed = 24`,
		"[[printer]]\nname = \"front\"\non paper out = \"x\"\n": `on_paper_out = "x"`,
		"[spool]\nsettle = 30s\n":                               `settle = "30s"`,
		"[spool]\nallow = \"archive_copy\", \"x\"\n":            `allow = ["archive_copy", "x"]`,
		"[spool]\nallow = archive_copy\n":                       `allow = ["archive_copy"]`,
		"[spool]\nallow = [archive_copy]\n":                     `allow = ["archive_copy"]`,
		"[spool]\nallow = [\"archive_copy\"\n[log]\n":           `allow = ["archive_copy"]`,
		"[spool]\nallow = [\"archive_copy\" \"x\"]\n":           `allow = ["archive_copy", "x"]`,
		"[spool\ndir = \"a\"\n":                                 `[spool]`,
		"spool]\ndir = \"a\"\n":                                 `[spool]`,
		"[[spool]\ndir = \"a\"\n":                               `[spool]`,
		"[[printer]\nname = \"a\"\n":                            `[[printer]]`,
		"[printer]]\nname = \"a\"\n":                            `[[printer]]`,
		"[printer]\nname = \"a\"\n[printer]\nname = \"b\"\n":    `[[printer]]`,
		"[printer]\nname = \"a\"\n":                             `[[printer]]`,
		"[[spool]]\ndir = \"a\"\n":                              `[spool]`,
		"[spool] dir = \"a\"\n":                                 "[spool]\ndir = \"a\"",
		"[spool]\ndir = \"a\" settle = \"1s\"\n":                "dir = \"a\"\nsettle = \"1s\"",
		"[spool]\ndir = \"a\"\n[log]\n[spool]\n":                "1",
		"[spool]\ndir = \"a\"\nsettle = \"1s\"\ndir = \"b\"\n":  "2",
		"// a till\n[spool]\n":                                  `# a till`,
		"; a till\n[spool]\n":                                   `# a till`,
		"[Spool]\ndir = \"a\"\n":                                `write spool`,
		"[spool]\nDir = \"a\"\n":                                `write dir`,
		"[spool]\nlevel = \"info\"\n":                           `[log]`,
		"spool.dir = \"a\"\r\nspool.dir = b\r\n":                `"b"`,
		"[spool]\rdir = \"a\"\r":                                "LF",
		"\xff\xfe[\x00s\x00p\x00o\x00o\x00l\x00]\x00\n\x00":     "UTF-8",
	} {
		_, err := config.Parse("shop.toml", []byte(text), nil)
		var bad *config.Error
		if !errors.As(err, &bad) || len(bad.Problems) == 0 {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if p := bad.Problems[0]; p.Line == 0 || !strings.Contains(strings.ReplaceAll(p.Zh, "写成 ", "write "), want) || !strings.Contains(p.En, want) {
			t.Errorf("%q: line %d, %s / %s", text, p.Line, p.Zh, p.En)
		}
		judge(t, text, bad)
	}
	if _, err := config.Parse("shop.toml", []byte("[[notify]]\nkey = geheim123\n"), nil); err == nil || strings.Contains(err.Error(), "geheim123") {
		t.Errorf("a key is repeated: %v", err)
	}
	if _, err := config.Parse("shop.toml", []byte("# 说明：“引号”没关系\n[shop]\nname = \"“老成都”面馆\"\n"), nil); err != nil && strings.Contains(err.Error(), "full-width") {
		t.Errorf("curly marks within text are refused: %v", err)
	}
}

// judge reads what is said of a configuration as a shop does.
func judge(t *testing.T, of string, bad *config.Error) {
	t.Helper()
	names := []string{"de", "LF", "CRLF", "json", "wecom", "dingtalk", "feishu", "slack", "fifo", "pty", "serial"}
	for _, key := range config.Keys() {
		names = append(names, strings.Split(key, ".")...)
	}
	for _, p := range bad.Problems {
		zh := p.Zh
		for _, list := range []string{"应写成：", "可用："} { // the line itself, and values, are quoted
			_, rest, _ := strings.Cut(zh, list)
			zh = strings.TrimSuffix(zh, rest)
		}
		_, wrong, _ := strings.Cut(p.Key, ".")
		for _, key := range []string{p.Key, " " + wrong, "." + wrong, " " + p.Key} {
			if strings.Trim(key, " .") != "" {
				zh = strings.Replace(zh, key, "", 1)
			}
		}
		if said := plaintest.Judge("zh", zh, append(names, wrong)...); said != "" {
			t.Errorf("%q: %s in %s", of, said, p.Zh)
		}
		if said := plaintest.Judge("en", p.En, names...); said != "" {
			t.Errorf("%q: %s in %s", of, said, p.En)
		}
	}
}

// Each key of the example is written wrong in each way; every refusal stands in the line, and is a sentence in both languages. A key that
// is misspelt or in another case is named.
func TestEveryKeyWrong(t *testing.T) {
	values := []string{`42`, `-1`, `0`, `99999999`, `1.5`, `true`, `""`, `"x"`, `" "`, `"\u0001"`, `"C:\\new"`, `[]`, `[1]`, `["x"]`, `["", "y"]`, `{}`, `{a = 1}`, `2026-08-11`, `"-5s"`, `"99999h"`, `"5"`,
		`x`, `x y`, `"x`, `x"`, `'x"`, `“x”`, `"x",`, `[x]`, `["x"`, `{`, ``, `0x`, `1_`, `007`, `"\q"`, `"C:\shop"`, `nil`, `None`, `+`, `==`, `"a"b`, `"a" "b"`, `"""x`, "\"\t\"", `99999999999999999999`, `"é\x"`}
	spool := "[[printer]]\nname = \"front\"\ndevice = \"tcp://192.0.2.1:9100\"\n"
	tried, refused := 0, 0
	for _, full := range config.Keys() {
		section, key := full[:strings.LastIndexByte(full, '.')], full[strings.LastIndexByte(full, '.')+1:]
		head := "[" + section + "]\n"
		switch section {
		case "money", "notify", "route", "capture":
			head = "[[" + section + "]]\n"
		case "printer":
			head = ""
		}
		try := func(lines string) *config.Error {
			text := spool + head + lines + "\n"
			if head == "" && (key == "name" || key == "device") {
				text = "[[printer]]\n" + lines + "\n"
			}
			_, err := config.Parse("shop.toml", []byte(text), nil, daemon.Check)
			tried++
			var bad *config.Error
			if err != nil && !errors.As(err, &bad) {
				t.Errorf("%q: not a problem of the configuration: %v", text, err)
			}
			if bad == nil {
				return nil
			}
			refused++
			judge(t, text, bad)
			for _, p := range bad.Problems {
				if p.Line == 0 || p.Excerpt == "" {
					t.Errorf("%q: without its line: %s", text, p.En)
				}
			}
			return bad
		}
		for i, value := range values {
			if testing.Short() && (i+len(full))%12 != 0 { // each value with some keys
				continue
			}
			try(key + " = " + value)
		}
		for _, line := range []string{key, key + " = ", key + ": \"x\"", key + " \"x\"", key + " = \"x\"\n" + key + " = \"y\"", "\t" + key + "\t=\t\"x", key + " = \"x\" # “”", "“" + key + "” = 1"} {
			try(line)
		}
		for _, wrong := range []string{strings.ToUpper(key), strings.ToUpper(key[:1]) + key[1:], key + "x", key[:len(key)-1], "x" + key} {
			bad := try(wrong + " = \"x\"")
			if len(wrong) < 4 && strings.ToLower(wrong) != key {
				continue
			}
			if bad == nil || !strings.Contains(bad.Error(), "write "+key) && !strings.Contains(bad.Error(), "did you mean ") && !slices.Contains(config.Keys(), section+"."+wrong) {
				t.Errorf("%s in place of %s: %v", wrong, full, bad)
			}
		}
	}
	if !testing.Short() && (tried < 4000 || refused < 3500) {
		t.Errorf("%d tried, %d refused", tried, refused)
	}
}

// The environment is taken as strictly as the file: a name that nobody knows is told, with the one that was meant, and a value that
// cannot be taken names its variable.
func TestEnvironmentIsStrict(t *testing.T) {
	for _, key := range config.Keys() {
		name := config.EnvName(key)
		if section, _, _ := strings.Cut(key, "."); name == "" && !slices.Contains([]string{"printer", "route", "money", "notify", "capture"}, section) && section != "slip" {
			t.Errorf("%s has no variable", key)
		}
		for _, value := range []string{"", "x", "-1", "99999999", "5", "1h", "a,b", "C:\\new", "“x”", "\t"} {
			_, err := config.Parse("", nil, []string{name + "=" + value})
			var bad *config.Error
			if name == "" || err == nil || !errors.As(err, &bad) {
				continue
			}
			judge(t, name+"="+value, bad)
			if !strings.Contains(bad.Error(), name) {
				t.Errorf("%s=%s: %v", name, value, bad)
			}
		}
	}
	for name, want := range map[string]string{
		"RECEIPTD_SPOOL_DRI":         "RECEIPTD_SPOOL_DIR",
		"RECEIPTD_Spool_Dir":         "RECEIPTD_SPOOL_DIR",
		"receiptd_spool_dir":         "RECEIPTD_SPOOL_DIR",
		"RECEIPTD_SPOOLDIR":          "RECEIPTD_SPOOL_DIR",
		"RECEIPTD_LANGG":             "RECEIPTD_LANG",
		"RECEIPTD_CONFG":             "RECEIPTD_CONFIG",
		"RECEIPTD_PRINTER_DEVICE":    "[[printer]]",
		"RECEIPTD_HTTP_PORT":         "RECEIPTD_HTTP_PORT",
		"RECEIPTD_SPOOL":             "RECEIPTD_SPOOL",
		"RECEIPTD_SLIP_COPIES_ORDER": "RECEIPTD_SLIP_COPIES_ORDER",
		"RECEIPTD_NOTIFY_URL":        "[[notify]]",
		"RECEIPTD_JOURNAL_RETENTION": "RECEIPTD_JOURNAL_RETENTION",
		"RECEIPTD_SHOP_TIME_ZONE":    "RECEIPTD_SHOP_TIMEZONE",
	} {
		_, err := config.Parse("", nil, []string{name + "=geheim"})
		var bad *config.Error
		if !errors.As(err, &bad) {
			t.Errorf("%s is passed over: %v", name, err)
			continue
		}
		judge(t, name, bad)
		if text := bad.Error(); !strings.Contains(text, name) || !strings.Contains(text, want) || strings.Contains(text, "geheim") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if c, err := config.Parse("", nil, []string{"RECEIPTD_BACKUP_SCRIPT_TOKEN=geheim"}); err != nil || len(c.Remarks) != 1 || !strings.Contains(c.Remarks[0].En, "RECEIPTD_BACKUP_SCRIPT_TOKEN") {
		t.Errorf("another program's variable: %v %v", c, err) // told, but nothing stops
	}
	for _, name := range []string{"RECEIPTD_CONFIG", "RECEIPTD_LANG", "RECEIPTD_OPERATOR", "RECEIPTD_HOST_ID", "PATH", "RECEIPT"} {
		if _, err := config.Parse("", nil, []string{name + "=x"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
