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

// A caller runs command lines in a language, with one configuration and in its folder: nothing of the machine's own receiptd is asked.
// Building its tree of commands takes most of a short line's time.
type caller struct {
	app         *app
	root        *cobra.Command
	stdout, err bytes.Buffer
}

func newCaller(lang language, config string) *caller {
	c := &caller{}
	in := func(name string) string { return filepath.Join(filepath.Dir(config), name) }
	c.app = &app{stdout: &c.stdout, stderr: &c.err, lang: lang, environ: []string{"RECEIPTD_LANG=" + string(lang), "RECEIPTD_CONFIG=" + config,
		"RECEIPTD_DATA_DIR=" + in("data"), "RECEIPTD_SPOOL_DIR=" + in("spool"), "RECEIPTD_TEMPLATES_DIR=" + in("templates"), "RECEIPTD_HTTP_LISTEN=127.0.0.1:1"}}
	c.root = newRootCommand(c.app)
	return c
}

// run runs one command line, as main does. Each finds the tree's flags as they were at the beginning.
func (c *caller) run(t *testing.T, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	c.stdout.Reset()
	c.err.Reset()
	c.app.stdin = strings.NewReader("")
	if found, _, err := c.root.Find(args); err == nil {
		found.SetContext(ctx) // cobra keeps that of the line before, which has ended
	}
	c.root.SetArgs(args)
	code := c.app.run(ctx, c.root)
	untouched(t, c.app.asked)
	return ran{code, c.stdout.String(), c.err.String()}
}

// untouched sets a command's flags back, also those that were not taken: a number that is none leaves a 0.
func untouched(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	if cmd == nil {
		return
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		var err error
		if list, ok := f.Value.(pflag.SliceValue); ok {
			err = list.Replace(strings.FieldsFunc(strings.Trim(f.DefValue, "[]"), func(r rune) bool { return r == ',' }))
		} else {
			err = f.Value.Set(f.DefValue)
		}
		if err != nil {
			t.Fatalf("%s: set --%s back: %v", cmd.CommandPath(), f.Name, err)
		}
		f.Changed = false
	})
}

// runIn runs one command line in a language, as main does.
func runIn(t *testing.T, lang language, config string, args ...string) ran {
	t.Helper()
	if config == "" {
		config = filepath.Join(t.TempDir(), "none.toml")
	}
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
	for _, lang := range []language{"zh", "en"} {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			everyRefusal(t, lang)
		})
	}
}

func everyRefusal(t *testing.T, lang language) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	none := filepath.Join(dir, "none", "receiptd.toml")
	if err := os.Mkdir(filepath.Dir(none), 0o700); err != nil {
		t.Fatal(err)
	}
	good := write("good/receiptd.toml", "[[printer]]\nname = \"front\"\ndevice = \"tcp://127.0.0.1:2\"\n")
	configs := []string{good, write("broken/receiptd.toml", "[[printer]]\nname = front\n"), none, filepath.Dir(good), write("token/receiptd.toml", "[shop]\nlocale = \"zh-CN\"\n")}
	write("token/data/token", "0123456789")
	files := []string{filepath.Join(dir, "nosuch"), write("text", "x"), dir, "nosuch"}
	callers := map[string]*caller{}
	for _, config := range configs {
		callers[config] = newCaller(lang, config)
	}
	inside(t, callers, dir)
	commands := manual(rootIn(string(lang)))
	names := namesOf(commands)
	tried := 0
	try := func(config string, args ...string) ran {
		t.Helper()
		tried++
		r, line := callers[config].run(t, args...), strings.Join(args, " ")
		if config == none {
			os.Remove(none) // a command may have made it
		}
		if r.code != 0 && strings.TrimSpace(r.stderr) == "" && !strings.Contains(r.stdout, "\n") {
			t.Errorf("receiptd %s: %d and not a word", line, r.code)
		}
		if r.stderr == "" {
			return r
		}
		said := strings.NewReplacer(dir, "/dir", "receiptd: ", "").Replace(r.stderr)
		if wrong := plaintest.Judge(string(lang), said, names...); wrong != "" {
			t.Errorf("receiptd %s (%s): %s\n%s", line, config, wrong, r.stderr)
		}
		return r
	}
	for i, c := range commands {
		if testing.Short() && i%5 != 0 {
			continue
		}
		path := strings.Fields(c.CommandPath())[1:]
		with := func(args ...string) []string { return append(slices.Clone(path), args...) }
		try(good, with("--no-such-flag")...)
		try(good, with("-Z")...)
		c.Flags().VisitAll(func(f *pflag.Flag) {
			name := f.Name
			if len(name) > 4 {
				slip := name[:2] + name[3:4] + name[2:3] + name[4:]
				if r := try(good, with("--"+slip)...); slip != name && !strings.Contains(r.stderr, "--"+name) {
					t.Errorf("%s: --%s: %s", c.CommandPath(), slip, r.stderr)
				}
			}
			if f.NoOptDefVal == "" {
				try(good, with("--"+name)...)
			}
			if f.Value.Type() != "string" && f.Value.Type() != "stringSlice" {
				if r := try(good, with("--"+name+"=“x”")...); r.code != exitUsage || !strings.Contains(r.stderr, "--"+name) {
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
	if !testing.Short() && tried < 500 {
		t.Errorf("only %d command lines", tried)
	}
}

// inside checks that no caller's configuration names a folder outside dir.
func inside(t *testing.T, callers map[string]*caller, dir string) {
	t.Helper()
	read := 0
	for path, c := range callers {
		cfg, err := c.app.loadConfig()
		if err != nil {
			continue
		}
		read++
		for _, folder := range []string{cfg.Data.Dir, cfg.Spool.Dir, cfg.Templates.Dir} {
			if !strings.HasPrefix(folder, dir) {
				t.Fatalf("%s names the folder %s", path, folder)
			}
		}
		if len(cfg.HTTP.Listen) != 1 || cfg.HTTP.Listen[0] != "127.0.0.1:1" {
			t.Fatalf("%s asks the daemon at %v", path, cfg.HTTP.Listen)
		}
	}
	if read < 2 {
		t.Fatalf("%d configurations can be read", read)
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
