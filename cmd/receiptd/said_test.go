package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/receiptd/receiptd/internal/plain/plaintest"
)

// ran is how one command line ended.
type ran struct {
	code           int
	stdout, stderr string
}

// A caller runs command lines in a language, with one configuration. Building its tree of commands takes most of a short line's time.
type caller struct {
	app         *app
	root        *cobra.Command
	stdout, err bytes.Buffer
}

func newCaller(lang language, config string) *caller {
	c := &caller{}
	c.app = &app{stdin: strings.NewReader(""), stdout: &c.stdout, stderr: &c.err, lang: lang, environ: []string{"RECEIPTD_LANG=" + string(lang), "RECEIPTD_CONFIG=" + config}}
	c.root = newRootCommand(c.app)
	return c
}

// run runs one command line, as main does. Another one may follow where this one went no further than to a flag that is wrong.
func (c *caller) run(t *testing.T, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	c.stdout.Reset()
	c.err.Reset()
	c.root.SetArgs(args)
	code := c.app.run(ctx, c.root)
	return ran{code, c.stdout.String(), c.err.String()}
}

// runIn runs one command line in a language, as main does.
func runIn(t *testing.T, lang language, config string, args ...string) ran {
	t.Helper()
	return newCaller(lang, config).run(t, args...)
}

// lasting are the commands that run until somebody ends them, or do something to this machine.
var lasting = []string{"receiptd run", "receiptd virtual-printer", "receiptd page", "receiptd service", "receiptd printer scan", "receiptd fleet enroll", "receiptd doctor", "receiptd drill", "receiptd completion", "receiptd man", "receiptd template preview"}

// namesOf are the words that stand for themselves in any language: commands, flags, and what a test writes.
func namesOf(commands []*cobra.Command) []string {
	names := []string{"nosuch", "text", "receiptd", "YES", "came-out", "list", "id:N", "id", "merchant", "cardholder", "name", "front", "pty"}
	for _, c := range commands {
		names = append(names, c.Name())
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	return names
}

// Every command is called wrong in every way: unknown, mistyped and bare flags, values of another kind, too few and too many arguments, no
// configuration, a broken one, no daemon, files that are not there. Each refusal is a sentence in the user's language, without words of
// the programming language, and a mistyped flag is answered with the one that was meant.
func TestEveryRefusalInWords(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.toml", "[data]\ndir = \"data\"\n[spool]\ndir = \"spool\"\n[http]\nlisten = \"127.0.0.1:1\"\n[[printer]]\nname = \"front\"\ndevice = \"tcp://127.0.0.1:1\"\n")
	configs := map[string]string{"good": good, "broken": write("broken.toml", "[[printer]]\nname = front\n"), "none": filepath.Join(dir, "none.toml"), "folder": dir, "token": write("token.toml", "[data]\ndir = \"with\"\n[http]\nlisten = \"127.0.0.1:1\"\n")}
	if err := os.Mkdir(filepath.Join(dir, "with"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("with/token", "0123456789")
	files := []string{filepath.Join(dir, "nosuch"), write("text", "x"), dir, "nosuch"}
	tried := 0
	for _, lang := range []language{"zh", "en"} {
		commands := manual(rootIn(string(lang)))
		names := namesOf(commands)
		judged := func(config string, r ran, args ...string) ran {
			t.Helper()
			tried++
			line := strings.Join(args, " ")
			if r.code != 0 && strings.TrimSpace(r.stderr) == "" && !strings.Contains(r.stdout, "\n") {
				t.Errorf("%s: receiptd %s: %d and not a word", lang, line, r.code)
			}
			if r.stderr == "" {
				return r
			}
			said := strings.NewReplacer(dir, "/dir", "receiptd: ", "").Replace(r.stderr)
			if wrong := plaintest.Judge(string(lang), said, names...); wrong != "" {
				t.Errorf("%s: receiptd %s (%s): %s\n%s", lang, line, filepath.Base(config), wrong, r.stderr)
			}
			return r
		}
		try := func(config string, args ...string) ran {
			t.Helper()
			return judged(config, runIn(t, lang, config, args...), args...)
		}
		by := newCaller(lang, good)
		tryFlag := func(args ...string) ran {
			t.Helper()
			r := by.run(t, args...)
			if r.code != exitUsage { // it was taken: the next line finds everything as at the beginning
				by = newCaller(lang, good)
			}
			return judged(good, r, args...)
		}
		for i, c := range commands {
			if testing.Short() && i%5 != 0 {
				continue
			}
			path := strings.Fields(c.CommandPath())[1:]
			with := func(args ...string) []string { return append(slices.Clone(path), args...) }
			tryFlag(with("--no-such-flag")...)
			tryFlag(with("-Z")...)
			c.Flags().VisitAll(func(f *pflag.Flag) {
				name := f.Name
				if len(name) > 4 {
					slip := name[:2] + name[3:4] + name[2:3] + name[4:]
					if r := tryFlag(with("--" + slip)...); slip != name && !strings.Contains(r.stderr, "--"+name) {
						t.Errorf("%s: --%s: %s", c.CommandPath(), slip, r.stderr)
					}
				}
				if f.NoOptDefVal == "" {
					tryFlag(with("--" + name)...)
				}
				if f.Value.Type() != "string" && f.Value.Type() != "stringSlice" {
					if r := tryFlag(with("--" + name + "=“x”")...); r.code != exitUsage || !strings.Contains(r.stderr, "--"+name) {
						t.Errorf("%s --%s=“x”: %d %s", c.CommandPath(), name, r.code, r.stderr)
					}
				}
			})
			if slices.ContainsFunc(lasting, func(l string) bool { return c.CommandPath() == l || strings.HasPrefix(c.CommandPath(), l+" ") }) || c.Name() == "receiptd" {
				continue
			}
			try(good, with("a", "b", "c", "d", "e")...)
			for _, config := range configs {
				try(config, path...)
				try(config, with(files[0], "--json")...)
				if config != good && testing.Short() {
					continue
				}
				for _, file := range files {
					try(config, with(file)...)
				}
				try(config, with("nosuch", "nosuch")...)
			}
		}
	}
	if !testing.Short() && tried < 1000 {
		t.Errorf("only %d command lines", tried)
	}
}

// The help of every command in Chinese is Chinese: no English sentence, no kind of value in English.
func TestHelpIsAllChinese(t *testing.T) {
	commands := manual(rootIn("zh"))
	names := namesOf(commands)
	names = append(names, strings.Fields("sale.json order.json day front back kitchen bar merchant cardholder bank customer delivery document guest called off blank_slip zh-CN real max hold drop Enter pty zip wine form device current queued held uncertain printed conflict counted lost JSON Schema nz all lan look reprint submit tls acme allow")...)
	for _, c := range commands {
		r := runIn(t, "zh", "", append(strings.Fields(c.CommandPath())[1:], "-h")...)
		if r.code != 0 {
			t.Errorf("%s: %d %s", c.CommandPath(), r.code, r.stderr)
		}
		help, example, _ := strings.Cut(r.stdout, "例子：")
		if _, rest, ok := strings.Cut(example, "\n\n"); ok { // command lines are what they are
			help += rest
		}
		for line := range strings.SplitSeq(help, "\n") {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "receiptd ") || strings.HasPrefix(strings.TrimSpace(line), "curl ") {
				continue
			}
			if wrong := plaintest.Judge("zh", line, names...); wrong != "" {
				t.Error(fmt.Sprint(c.CommandPath(), ": ", wrong, ": ", line))
			}
		}
	}
}
