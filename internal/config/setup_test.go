package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// shopFiles writes a configuration and a set-up, and gives the path of the first.
func shopFiles(t *testing.T, file, setup string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "receiptd.toml")
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	for at, text := range map[string]string{path: "[data]\ndir = \"data\"\n" + file, filepath.Join(dir, "data", config.SetupFile): setup} {
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestSetupLiesAboveTheFile(t *testing.T) {
	path := shopFiles(t, "[shop]\nlocale = \"en\"\ntimezone = \"Asia/Shanghai\"\n"+onePrinter+"font = \"x.ttf\"\nfailover = \"back\"\n"+
		"[[printer]]\nname = \"back\"\ndevice = \"serial:///dev/ttyS0\"\n"+
		"[[route]]\nkind = \"order\"\ncopy = \"customer\"\nprinter = \"front\"\n[[route]]\nkind = \"settlement\"\nprinter = \"front\"\n[[route]]\nprinter = \"front\"\n",
		"[shop]\nlocale = \"zh-CN\"\n[[printer]]\nname = \"kitchen\"\ndevice = \"tcp://192.0.2.3:9100\"\nlabel = \"厨房\"\n"+
			"[[printer]]\nname = \"back\"\ndevice = \"tcp://192.0.2.2:9100\"\n"+
			"[[route]]\nkind = \"order\"\nprinter = \"kitchen\"\n[[route]]\nkind = \"settlement\"\nprinter = \"back\"\n")
	c, err := config.Load(path, []string{"RECEIPTD_SHOP_TIMEZONE=Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Shop.Locale != "zh-CN" || c.Shop.Timezone != "Europe/Berlin" {
		t.Errorf("shop: %+v", c.Shop)
	}
	if len(c.Printers) != 3 || c.Printers[0].Failover != "back" || filepath.Base(c.Printers[0].Font) != "x.ttf" ||
		c.Printers[1].Device != "tcp://192.0.2.2:9100" || c.Printers[1].IdleClose == 0 || c.Printers[2].Label != "厨房" || c.Printers[2].Profile != "generic-80" {
		t.Errorf("printers: %+v", c.Printers)
	}
	for _, row := range []struct{ kind, copyName, want string }{
		{"order", "customer", "front"}, {"order", "kitchen", "kitchen"}, {"settlement", "merchant", "back"}, {"transaction", "merchant", "front"},
	} {
		if got := c.PrinterFor("", row.kind, row.copyName, "", ""); got != row.want {
			t.Errorf("%s, %s goes to %s, want %s", row.kind, row.copyName, got, row.want)
		}
	}
	for key, want := range map[string]string{"shop.locale": "setup:2", "shop.timezone": "env RECEIPTD_SHOP_TIMEZONE", "printer[0].device": "file:8", "printer[1].device": "setup:9",
		"printer[1].name": "setup:8", "printer[2].label": "setup:6", "route[0].printer": "file:17", "route[1].printer": "setup:15", "route[2].printer": "setup:12", "route[3].printer": "file:22"} {
		if got := c.Origins[key]; got != want {
			t.Errorf("%s comes from %q, want %q", key, got, want)
		}
	}
	// Without a set-up, with another one, and with one that is not there.
	if c, err := (config.Loader{Path: path}).With(nil); err != nil || len(c.Printers) != 2 || c.SetUp.Data != nil {
		t.Errorf("without: %v", err)
	}
}

func TestSetupIsRefusedByName(t *testing.T) {
	for name, row := range map[string]struct {
		setup, en string
		line      int
	}{
		"paths":             {"[spool]\ndir = \"/tmp\"\n", "[spool]", 1},
		"http":              {"http.listen = \"127.0.0.1:1\"\n", "[http]", 1},
		"unknown section":   {"[nowhere]\nserver = \"x\"\n", "[nowhere]", 1},
		"notify":            {"[[printer]]\nname = \"a\"\ndevice = \"tcp://h\"\n[[notify]]\nurl = \"x\"\n", "[notify]", 4},
		"capture":           {"[capture]\n", "[capture]", 1},
		"data":              {"[data]\ndir = \"/tmp\"\n", "[data]", 1},
		"slip":              {"[slip]\nlogo = \"/etc/shadow\"\n", "[slip]", 1},
		"font":              {"[[printer]]\nname = \"a\"\ndevice = \"tcp://h\"\nfont = \"/etc/shadow\"\n", "font", 4},
		"unknown key":       {"[[printer]]\nname = \"a\"\ndevic = \"tcp://h\"\n", "did you mean device", 3},
		"type":              {"[shop]\nlocale = 3\n", "in quotes", 2},
		"value":             {"[shop]\nlocale = \"fr\"\n", "use one of", 2},
		"syntax":            {"[shop\n", "", 1},
		"not UTF-8":         {"[shop]\nlocale = \"\xff\"\n", "UTF-8", 2},
		"a file as printer": {"[[printer]]\nname = \"a\"\ndevice = \"usb:///etc/passwd\"\n", "below /dev", 3},
		"out of /dev":       {"[[printer]]\nname = \"a\"\ndevice = \"serial:///dev/../etc/passwd\"\n", "below /dev", 3},
		"encoded":           {"[[printer]]\nname = \"a\"\ndevice = \"serial:///dev/%2e%2e/etc/passwd\"\n", "below /dev", 3},
		"twice":             {"[[printer]]\nname = \"a\"\ndevice = \"tcp://h\"\n[[printer]]\nname = \"a\"\ndevice = \"tcp://g\"\n", "twice", 5},
		"no device":         {"[[printer]]\nname = \"a\"\n", "is missing", 1},
		"route to nowhere":  {"[[route]]\nkind = \"order\"\nprinter = \"b\"\n", "no printer called", 3},
		"printer as text":   {"printer = \"x\"\n", "two brackets", 1},
	} {
		t.Run(name, func(t *testing.T) {
			path := shopFiles(t, "[log]\nlevel = \"info\"\n", row.setup)
			_, err := config.Load(path, nil)
			var wrong *config.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			p := wrong.Problems[0]
			if p.Line != row.line || !strings.Contains(p.En, row.en) || !strings.Contains(wrong.Text("zh"), "data/setup.toml:") && !strings.Contains(wrong.Text("zh"), "data\\setup.toml:") {
				t.Errorf("line %d: %s\n%s", p.Line, p.En, wrong.Text("zh"))
			}
		})
	}
}

func TestSetupThatIsNoFile(t *testing.T) {
	path := shopFiles(t, "", "")
	at := filepath.Join(filepath.Dir(path), "data", config.SetupFile)
	switch err := errors.Join(os.Remove(at), os.Symlink("/etc/passwd", at)); {
	case err != nil && runtime.GOOS == "windows": // links are for administrators there
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	if _, err := config.Load(path, nil); err == nil || !strings.Contains(err.Error(), "plain one") {
		t.Errorf("a link: %v", err)
	}
	if err := errors.Join(os.Remove(at), os.WriteFile(at, make([]byte, 300<<10), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(path, nil); err == nil || !strings.Contains(err.Error(), "256 kB") {
		t.Errorf("too large: %v", err)
	}
	if c, err := (config.Loader{Path: filepath.Join(t.TempDir(), "none.toml"), Optional: true}).Load(); err != nil || c.Path != "" {
		t.Errorf("no file at all: %v", err)
	}
}
