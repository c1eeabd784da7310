package hint_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ofUnix finds a command or a place that Windows does not have.
var ofUnix = regexp.MustCompile(`\bsudo\b|systemctl|systemd|journalctl|\bchmod\b|\bchown\b|\bchgrp\b|\busermod\b|\bapt(-get)? |\bdnf\b|\b(cp|mv|rm|ls|df|ss) (-|ex)|\bdmesg\b|` +
	`\bfuser\b|lpadmin|lpstat|modprobe|\budev|\bnft\b|timedatectl|/etc/|/var/|/dev/|/root\b|/srv\b|/home\b|/tmp\b|curl -d '|\bip link\b|\bkill -|SIG(HUP|TERM|INT|KILL|QUIT|USR)|\bmount;|dialout|\broot\b|\bgroup receiptd\b|receiptd 组`)

// notShown are the files in which such words are no texts for somebody at Windows, and why.
var notShown = map[string]string{
	"internal/service/systemd.go":       "runs on Linux only",
	"internal/service/folders.go":       "runs on Linux only",
	"internal/service/unit.go":          "reads a unit of systemd",
	"internal/service/plan.go":          "the plan for systemd; Windows' own is in native.go",
	"internal/plain/plaintest/judge.go": "what texts may hold, for tests",
	"fleet/fleettest/mosquitto.go":      "a broker for tests",
	"internal/cupstest/cupstest.go":     "a print server for tests",
	"packaging/packaging.go":            "the files of a Linux installation",
}

// notTexts are single literals that nobody at Windows sees.
var notTexts = map[string][]string{
	"internal/config/config.go":     {"/var/spool/receiptd", "/var/lib/receiptd", "/etc/receiptd/templates"},                                                                                       // each beside its counterpart
	"internal/config/setup.go":      {"/dev/"},                                                                                                                                                     // looked for in a device
	"internal/discover/discover.go": {"list network cards (under systemd the unit needs AF_NETLINK): %w"},                                                                                          // says for which system it is
	"internal/doctor/bundle.go":     {"/etc/os-release", "journalctl", "systemctl"},                                                                                                                // collected on Linux
	"internal/doctor/printers.go":   {"dialout"},                                                                                                                                                   // behind a question for the system
	"internal/service/service.go":   {"/home", "/root", "/tmp", "/var/tmp", "/run/user"},                                                                                                           // what a unit hides
	"hub/settings/settings.go":      {"/var/lib/receiptd-hub", "/var/spool/receiptd-hub"},                                                                                                          // replaced in the sample
	"cmd/receiptd/hub.go":           {"显示总部的 systemd 服务文件", "Print the systemd unit of a hub", "  receiptd hub unit > /etc/systemd/system/receiptd-hub.service"},                                   // wherever it is printed
	"cmd/receiptd/fleet_enroll.go":  {"，商户名已写好：拷到 /etc/mosquitto/conf.d 下，名字照第一行。", " for mosquitto too, with your tenant: copy them to /etc/mosquitto/conf.d as receiptd.conf and receiptd.acl."}, // on the broker's machine
	"cmd/receiptd/service.go":       {"root"},                                                                                                                                                      // who owns a folder, on Linux
}

// Every text in a program for Windows names commands and places of Windows: all string literals of all files that are built for it
// are looked at, so a text counts also where no test brings it about. A command of the system belongs into this package.
func TestTextsOfWindows(t *testing.T) {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = "windows", "amd64", false
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if d.IsDir() {
			if path != root && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules"}, d.Name()) || slices.Contains([]string{"tools", "packaging"}, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || notShown[name] != "" {
			return nil
		}
		if ok, err := ctx.MatchFile(filepath.Dir(path), d.Name()); err != nil || !ok {
			return err
		}
		files++
		return texts(path, func(at token.Position, text string) {
			if word := ofUnix.FindString(text); word != "" && !slices.Contains(notTexts[name], text) {
				t.Errorf("%s:%d: %q is not of Windows: %q", name, at.Line, word, text)
			}
		})
	})
	if err != nil || files < 100 {
		t.Fatalf("looked at %d files: %v", files, err)
	}
	for name := range notShown {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("an exception for a file that is gone: %v", err)
		}
	}
}

// texts calls found for each string literal of a file but the paths of its imports.
func texts(path string, found func(token.Position, string)) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				found(set.Position(l.Pos()), text)
			}
		}
		return true
	})
	return nil
}

// What the page, the vocabulary and the profiles bring along is shown at Windows, too.
func TestFilesOfWindows(t *testing.T) {
	for _, pattern := range []string{"web/pages/*.html", "web/static/*.js", "web/openapi.json", "printer/profile/models/*.toml", "job/schema.json", "templates/builtin/*.receipt"} {
		list, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		if err != nil || len(list) == 0 {
			t.Errorf("%s: %d files, %v", pattern, len(list), err)
		}
		for _, name := range list {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if word := ofUnix.Find(data); word != nil {
				t.Errorf("%s: %q is not of Windows", name, word)
			}
		}
	}
}
