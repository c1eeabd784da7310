//go:build wine

package wine

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/logtest"
)

// ofUnix finds what nobody can use at Windows; the same for the sources is TestTextsOfWindows of internal/hint.
var ofUnix = regexp.MustCompile(`\bsudo\b|systemctl|systemd|journalctl|\bchmod\b|\bchown\b|usermod|\bcp |/etc/|/var/|/dev/tty|/dev/usb|curl -d '|\bSIG(HUP|TERM)\b|/tmp\b`)

// forWindows looks at a text that the program wrote. The options for another system's shell are named there on purpose.
func forWindows(t *testing.T, what, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if word := ofUnix.FindString(line); word != "" && !strings.Contains(line, "bash") && !strings.Contains(line, "fish") && !strings.Contains(line, "zsh") {
			t.Errorf("%s: %q is not of Windows: %s", what, word, line)
		}
	}
}

// What holds without a word of the configuration is of Windows; time zones are known without a system that has them.
func TestDefaults(t *testing.T) {
	r := receiptd(t, "--lang", "en", "config", "show")
	for _, want := range []string{`dir = 'C:\ProgramData\receiptd\spool'`, `dir = 'C:\ProgramData\receiptd\data'`, `dir = 'C:\ProgramData\receiptd\templates'`} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%s is missing:\n%s\n%s", want, r.out, r.err)
		}
	}
	put(t, `C:\zone\receiptd.toml`, "[shop]\ntimezone = \"Asia/Shanghai\"\n[spool]\ndir = 'C:\\zone\\spool'\n[data]\ndir = 'C:\\zone\\data'\n[[printer]]\nname = \"front\"\ndevice = \"serial://COM3?baud=9600\"\n")
	if r := receiptd(t, "config", "check", "--config", `C:\zone\receiptd.toml`); r.code != 0 {
		t.Errorf("a configuration with a time zone: %+v", r)
	}
}

// Every help text in both languages, the doctor's findings and the answers to what goes wrong name commands of Windows.
func TestTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, lang := range []string{"en", "zh"} {
		r := receiptd(t, "--lang", lang, "man", `C:\man-`+lang)
		pages, err := filepath.Glob(filepath.Join(here(`C:\man-`+lang), "*"))
		if r.code != 0 || err != nil || len(pages) < 20 {
			t.Fatalf("%d pages, %v, %+v", len(pages), err, r)
		}
		for _, page := range pages {
			data, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			forWindows(t, filepath.Base(page), string(data))
		}
		for _, args := range [][]string{{"doctor"}, {"printer", "status"}, {"printer", "scan"}, {"reprint", "--last"}, {"service", "status"}, {"service", "start"},
			{"journal", "verify"}, {"run", "--config", `C:\none\receiptd.toml`}, {"config", "check", "--config", `C:\none\receiptd.toml`}, {"service", "install", "--dry-run"}} {
			r := receiptd(t, append([]string{"--lang", lang}, args...)...)
			forWindows(t, strings.Join(args, " "), r.out+r.err)
			if strings.Contains(r.err, "goroutine ") {
				t.Errorf("%q panics: %s", args, r.err)
			}
		}
	}
}

// `service install` says which file it wrote, and what it cannot do. That wine's service manager knows no recovery is wine's fault.
func TestService(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	r := receiptd(t, "--lang", "en", "service", "install")
	if r.code != 0 || !strings.Contains(r.out, `wrote C:\ProgramData\receiptd\receiptd.toml`) {
		t.Errorf("%+v", r)
	}
	text, err := os.ReadFile(here(`C:\ProgramData\receiptd\receiptd.toml`))
	if err != nil || !strings.Contains(string(text), `file = 'C:\ProgramData\receiptd\log\receiptd.log'`) {
		t.Errorf("%s, %v", text, err)
	}
	if r := receiptd(t, "--lang", "en", "service", "install"); r.code != 0 || !strings.Contains(r.out, `left as it is: C:\ProgramData\receiptd\receiptd.toml`) {
		t.Errorf("again: %+v", r)
	}
	if r := receiptd(t, "--lang", "en", "service", "uninstall"); r.code != 0 {
		t.Errorf("%+v", r)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	file := here(path)
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is what a program for Windows writes, with this side's ends of lines.
type lockedBuffer struct{ logtest.Buffer }

func (b *lockedBuffer) String() string { return strings.ReplaceAll(b.Buffer.String(), "\r\n", "\n") }

// The demo runs, says what to try in the words of a Windows command line, and each line that it shows does what it says there.
func TestDemo(t *testing.T) {
	cmd := command(t.Context(), w.program, "--lang", "zh", "run", "--demo", "--demo-dir", `C:\demo shop`)
	var out, log lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	await(t, "the demo", func() bool { return strings.Contains(out.String(), "Ctrl-C") })
	welcome := out.String()
	forWindows(t, "demo", welcome)
	if !strings.Contains(welcome, "柜台上的小票") {
		t.Error("no Chinese on the console")
	}
	lines := regexp.MustCompile(`(?m)^  ((?:set|copy|"?C:\\receiptd\\receiptd).*)$`).FindAllStringSubmatch(welcome, -1)
	if len(lines) != 5 {
		t.Fatalf("%d commands to try:\n%s", len(lines), welcome)
	}
	var script strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&script, "@%s\r\n@if errorlevel 1 echo FAILED\r\n", line[1])
	}
	put(t, `C:\try.cmd`, script.String())
	if r := run(t, "cmd", "/d", "/c", `C:\try.cmd`); strings.Contains(r.out, "FAILED") {
		t.Errorf("%s: %+v", script.String(), r)
	}
	await(t, "the answer to the settlement", func() bool {
		_, err := os.Stat(here(`C:\demo shop\spool\results\17-settlement.json`))
		return err == nil
	})
	page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(welcome)
	if _, err := get(page + "healthz"); err != nil {
		t.Errorf("the page: %v", err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil { // wine makes Ctrl-C of it
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil || !strings.Contains(out.String(), "演示结束") {
			t.Errorf("Ctrl-C: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("Ctrl-C does not end it")
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("errors in the log:\n%s", log.String())
	}
}

// What `virtual-printer --help` shows for curl is one argument of JSON after cmd.exe and the C runtime have read it.
func TestCurlQuotes(t *testing.T) {
	lines := regexp.MustCompile(`(?m)^  (curl .*)$`).FindAllStringSubmatch(receiptd(t, "virtual-printer", "--help").out, -1)
	if len(lines) != 2 {
		t.Fatalf("%d lines with curl", len(lines))
	}
	for _, line := range lines {
		words := strings.Split(cmdexe(t, line[1]).out, "\n")
		if len(words) < 3 || words[0] != "-d" || !json.Valid([]byte(words[1])) || !strings.HasPrefix(words[2], "http://") {
			t.Errorf("%s: %q", line[1], words)
		}
	}
}

// get reads a page.
func get(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, resp.Status)
	}
	return string(data), err
}
