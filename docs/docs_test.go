// Package docs_test follows the documents: it runs the command blocks of README and docs/ against a real daemon and a
// virtual printer, compares what they print, runs the example clients, and checks every link, command and table.
//
// A fence marked "sh run" is run in a folder with a copy of examples/; the "text" fence right after it is what it must
// print, where an ellipsis (…) stands for anything. "sh demo" is started, awaited and interrupted. "sh norun" needs a
// real shop or changes this machine. No other "sh" fence is allowed, and none that does not say what it is.
package docs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/parallel"
)

var (
	update   = flag.Bool("update", false, "rewrite the generated parts of the pages")
	receiptd string // the program, built once
)

func TestMain(m *testing.M) {
	parallel.AtLeast(8) // they wait for other programs
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "receiptd-docs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	receiptd = filepath.Join(dir, "receiptd")
	if runtime.GOOS == "windows" {
		receiptd += ".exe"
	}
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", receiptd, "./cmd/receiptd") // debugging information costs a third of the link
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build receiptd: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// A fence is one fenced block of a page.
type fence struct {
	page string
	line int // of its first line of text
	info string
	text string
	want string // the text fence right after it, if any
}

// pages lists the documents, from the root of the repository.
func pages(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/*.md", "packaging/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	if len(out) < 10 {
		t.Fatalf("only %d pages found: %v", len(out), out)
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fences cuts a page into its fenced blocks.
func fences(page, text string) []fence {
	var out []fence
	open, last := -1, -1
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		info, ok := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case !ok:
		case open < 0:
			out = append(out, fence{page: page, line: i + 2, info: info})
			open = i
		default:
			f := &out[len(out)-1]
			f.text = strings.Join(lines[open+1:i], "\n")
			if f.info == "text" && len(out) > 1 && strings.TrimSpace(strings.Join(lines[last+1:open], "")) == "" {
				out[len(out)-2].want = f.text
			}
			open, last = -1, i
		}
	}
	return out
}

func TestCommandBlocks(t *testing.T) {
	ran := 0
	for _, page := range pages(t) {
		var run []fence
		for _, f := range fences(page, read(t, page)) {
			switch f.info {
			case "sh run", "sh demo":
				run = append(run, f)
			case "sh", "bash", "shell", "console":
				t.Errorf("%s:%d: mark this block sh run, sh demo or sh norun", page, f.line)
			case "":
				if filepath.Base(page) != "commands.md" { // written from the help texts, and compared with them
					t.Errorf("%s:%d: say what this block is: sh run, text, toml, ...", page, f.line)
				}
			}
		}
		if len(run) == 0 {
			continue
		}
		ran += len(run)
		t.Run(strings.TrimPrefix(filepath.ToSlash(page), "../"), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			for _, f := range run {
				if f.info == "sh demo" {
					s.runDemo(f)
				} else {
					s.runBlock(f)
				}
			}
		})
	}
	if ran < 10 {
		t.Errorf("only %d command blocks were run", ran)
	}
}

// runBlock runs a block to its end and compares its output.
func (s *shop) runBlock(f fence) {
	s.t.Helper()
	ctx, cancel := bounded(s.t)
	defer cancel()
	out, err := s.bash(ctx, "set -euo pipefail\n"+built(f.text)).CombinedOutput()
	if err != nil {
		s.t.Errorf("%s:%d: %v\n%s\n%s", f.page, f.line, err, f.text, out)
		return
	}
	if !matches(f.want, string(out)) {
		s.t.Errorf("%s:%d: the page says\n%s\n\nit printed\n%s", f.page, f.line, f.want, out)
	}
}

// bounded ends what runs too long for go test, in time to say what it was.
func bounded(t *testing.T) (context.Context, context.CancelFunc) {
	if end, ok := t.Deadline(); ok {
		return context.WithDeadline(t.Context(), end.Add(-lastWords))
	}
	return context.WithCancel(t.Context())
}

// runDemo starts a block that runs on, waits for what it must print, and ends it as Ctrl-C does.
func (s *shop) runDemo(f fence) {
	s.t.Helper()
	ctx, cancel := bounded(s.t)
	defer cancel()
	cmd := s.bash(ctx, "exec "+built(f.text))
	p := launch(s.t, cmd)
	s.await(fmt.Sprintf("%s:%d to print what the page says", f.page, f.line), p, func() bool { return matches(f.want, p.String()) })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	<-p.ended
	if p.err != nil {
		s.t.Errorf("%s:%d: it did not end cleanly: %v\n%s", f.page, f.line, p.err, p.String())
	}
}

// built runs the program built once instead of building it for each block.
func built(block string) string {
	return strings.ReplaceAll(block, "go run ./cmd/receiptd", "receiptd")
}

// matches reports whether the lines wanted are in got, in order and without others between them. An ellipsis stands for
// anything in a line, a line that is only an ellipsis for any lines.
func matches(want, got string) bool {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(want), "\n") {
		if strings.TrimSpace(line) == "…" {
			b.WriteString(`(.*\n)*?`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(line, " ")), "…", ".*") + ` *\n`)
	}
	return regexp.MustCompile(b.String()).MatchString(strings.TrimRight(got, "\n") + "\n")
}

func TestMatches(t *testing.T) {
	got := "accepted\n  merchant  #1  printed\n  cardholder  #1  printed\n"
	for want, ok := range map[string]bool{
		"":                                  true,
		"accepted":                          true,
		"accept":                            false,
		"acc…":                              true,
		"accepted\n…\n  cardholder  #1  p…": true,
		"accepted\n  cardholder  #1  p…":    false,
		"  merchant  #2  printed":           false,
	} {
		if matches(want, got) != ok {
			t.Errorf("matches(%q) = %t", want, !ok)
		}
	}
}

// On a bare machine the gate installs what the blocks need beyond the programs every Debian has.
func TestGateInstallsPrograms(t *testing.T) {
	gate := read(t, "../.ci/run")
	there := strings.Fields("receiptd go cat cp echo exit grep head mv printf sed sleep sync do done until")
	word := regexp.MustCompile(`(?m)(?:^|[|;&] |\bdo )([a-z][a-z0-9]*)\s`)
	found := 0
	for _, page := range pages(t) {
		for _, f := range fences(page, read(t, page)) {
			if f.info != "sh run" && f.info != "sh demo" {
				continue
			}
			for _, m := range word.FindAllStringSubmatch(f.text, -1) {
				if slices.Contains(there, m[1]) {
					continue
				}
				found++
				if !strings.Contains(gate, "command -v "+m[1]+" ") {
					t.Errorf("%s:%d: .ci/run does not install %s", page, f.line, m[1])
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d programs were found", found)
	}
}

// need finds a program that a test starts. Where the gate runs it must be there.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true" || !errors.Is(err, exec.ErrNotFound):
		t.Fatal(err)
	}
	t.Skipf("%s is not installed", name)
	return ""
}
