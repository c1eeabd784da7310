package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// TestStories tells what happens in a shop as scripts: testdata/*.txtar. Each has a shop of its own - virtual printers behind
// real sockets, the daemon as a real process - and the commands of TestStories beside those of testscript.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
			if err != nil {
				return err
			}
			e.Setenv("EXAMPLES", examples)
			e.Setenv("RECEIPTD_LANG", "en")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TZ", "Asia/Shanghai")
			e.Values[shopKey] = &shop{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shop":       storyShop,     // shop [NAME...]: open a shop; NAME.toml and shop.toml add to its configuration
			"start":      storyStart,    // start [FILES]: start the daemon, with so many descriptors at most, and wait until it answers
			"crowd":      storyCrowd,    // crowd COUNT: so many connections without a key until the script ends; the paired page answers
			"end":        storyEnd,      // interrupt the daemon: it ends well (stop is a word of testscript: it ends the script)
			"crash":      storyKill,     // kill -9
			"sample":     storySample,   // sample SAMPLE FILE [OLD=NEW...]: a sample job with other words in it
			"drop":       storyDrop,     // drop FILE...: into the drop folder, as programs should
			"answered":   storyAnswered, // answered FILE OUTCOME [CODE]: wait for the answer
			"printed":    storyPrinted,  // printed FILE...: wait until its copies are printed
			"copy":       storyCopy,     // copy FILE COPY STATE [REASON]: wait until the latest such copy is so
			"paper":      storyPaper,    // paper COUNT TEXT...: wait until so many pieces hold all texts
			"state":      storyState,    // state PRINTER KEY=VALUE...: what a hand does to the printer
			"until-held": storyHeld,     // until-held PRINTER REASON: wait until it waits for that
			"cut-link":   storyCutLink,  // cut-link PRINTER BYTES: the link drops when so many more bytes have arrived
			"exits":      storyExits,    // exits CODE COMMAND...: run it to that exit code
			"becomes":    storyBecomes,  // becomes CODE COMMAND...: run it until it ends with that exit code
			"appears":    storyAppears,  // appears FILE: wait until it is there
			"says":       storySays,     // says FILE TEXT: wait until the file holds the text
		},
	})
}

type storyKey int

const shopKey storyKey = 0

// storyT lets a shop complain to a story.
type storyT struct{ ts *testscript.TestScript }

func (t storyT) Helper()                           {}
func (t storyT) Fatal(args ...any)                 { t.ts.Fatalf("%s", fmt.Sprint(args...)) }
func (t storyT) Fatalf(format string, args ...any) { t.ts.Fatalf(format, args...) }
func (t storyT) Cleanup(do func())                 { t.ts.Defer(do) }

func theShop(ts *testscript.TestScript) *shop {
	s := ts.Value(shopKey).(*shop)
	if s.all == nil {
		ts.Fatalf("open a shop first")
	}
	return s
}

// readIf reads a file of the story, "" when it has none of that name.
func readIf(ts *testscript.TestScript, name string) string {
	data, err := os.ReadFile(ts.MkAbs(name))
	if os.IsNotExist(err) {
		return ""
	}
	ts.Check(err)
	return string(data)
}

func storyShop(ts *testscript.TestScript, _ bool, names []string) {
	s := ts.Value(shopKey).(*shop)
	s.t, s.dir = storyT{ts}, ts.MkAbs("shop")
	ts.Check(os.MkdirAll(s.dir, 0o755))
	if len(names) == 0 {
		names = []string{"front"}
	}
	var printers []shopPrinter
	for _, name := range names {
		model, err := virtual.ModelByName("generic-80")
		ts.Check(err)
		model.CutMillis = 20
		p := shopPrinter{name: name, options: virtual.Options{Custom: &model, Speed: virtual.Real, MMPerSecond: 3000}, extra: readIf(ts, name+".toml")}
		if name == "serial" {
			p.options.Baud = 115200
		}
		if p.extra == "" {
			p.extra = `proof = "A"`
		}
		printers = append(printers, p)
	}
	s.open(printers, readIf(ts, "shop.toml"))
	ts.Setenv("RECEIPTD_CONFIG", s.config)
	ts.Setenv("SHOP", s.dir)
}

func storyStart(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	s.files = ""
	if len(args) > 0 {
		s.files = args[0]
	}
	s.start()
	s.ready()
}

func storyEnd(ts *testscript.TestScript, _ bool, _ []string) {
	s := theShop(ts)
	ts.Check(s.daemon.Process.Signal(syscall.SIGINT))
	late := time.AfterFunc(time.Minute, func() { _ = s.daemon.Process.Signal(syscall.SIGQUIT) }) // it says what it waits for
	defer late.Stop()
	if err := s.daemon.Wait(); err != nil {
		ts.Fatalf("the daemon ended with %v\n%s", err, tail(s.log.String(), 4000))
	}
	s.daemon = nil
}

func storyKill(ts *testscript.TestScript, _ bool, _ []string) { theShop(ts).kill() }

// storySample makes a job of a sample. Words are replaced in the whole text, so that ids and vouchers stay together.
func storySample(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sample SAMPLE FILE [OLD=NEW...]")
	}
	data, err := os.ReadFile(filepath.Join(ts.Getenv("EXAMPLES"), "jobs", args[0]+".json"))
	ts.Check(err)
	for _, pair := range args[2:] {
		old, now, _ := strings.Cut(pair, "=")
		if !bytes.Contains(data, []byte(old)) {
			ts.Fatalf("the sample %s has no %q", args[0], old)
		}
		data = bytes.ReplaceAll(data, []byte(old), []byte(now))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

func storyDrop(ts *testscript.TestScript, _ bool, names []string) {
	s := theShop(ts)
	for _, name := range names {
		data, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		s.drop(filepath.Base(name), data)
	}
}

func storyAnswered(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	var a queue.Answer
	s.await("an answer for "+args[0], func() (ok bool) {
		a, ok = s.answer(args[0])
		return ok && string(a.Outcome) == args[1]
	})
	if len(args) == 3 && (len(a.Errors) == 0 || a.Errors[0].Code != args[2]) {
		ts.Fatalf("%s: want the code %s: %+v", args[0], args[2], a.Errors)
	}
}

func storyPrinted(ts *testscript.TestScript, _ bool, names []string) {
	s := theShop(ts)
	for _, name := range names {
		s.await(name+" to be printed", func() bool {
			a, ok := s.answer(name)
			for _, c := range a.Copies {
				ok = ok && c.State == queue.Printed
			}
			return ok && len(a.Copies) > 0
		})
	}
}

func storyCopy(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	s.await(strings.Join(args, " "), func() bool {
		a, _ := s.answer(args[0])
		for i := len(a.Copies) - 1; i >= 0; i-- {
			if c := a.Copies[i]; string(c.Copy) == args[1] {
				return string(c.State) == args[2] && (len(args) < 4 || string(c.Reason) == args[3])
			}
		}
		return false
	})
}

// storyPaper waits until exactly so many pieces on all counters hold all the texts.
func storyPaper(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	on := s.all
	texts := args[1:]
	if p, ok := s.all[texts[0]]; ok {
		on, texts = map[string]*virtual.Printer{texts[0]: p}, texts[1:]
	}
	s.await(fmt.Sprintf("%d pieces of paper with %q", want, texts), func() bool {
		found := 0
		for _, p := range on {
			for _, piece := range p.Pieces() {
				if holds(piece.Text(), texts) {
					found++
				}
			}
		}
		return found == want
	})
}

func holds(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func storyState(ts *testscript.TestScript, _ bool, args []string) {
	p := theShop(ts).all[args[0]]
	if p == nil {
		ts.Fatalf("there is no printer %s", args[0])
	}
	for _, pair := range args[1:] {
		key, value, _ := strings.Cut(pair, "=")
		c := virtual.Change{}
		field := map[string]*string{"paper": &c.Paper, "cover": &c.Cover, "cutter": &c.Cutter, "head": &c.Head, "power": &c.Power, "link": &c.Link}[key]
		if field == nil {
			ts.Fatalf("unknown state %s", key)
		}
		*field = value
		ts.Check(p.Set(c))
	}
}

func storyHeld(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	s.await(args[0]+" to wait because of "+args[1], func() bool {
		var p api.Printer
		err := s.client().Do(context.Background(), client.Call{Method: http.MethodGet, Path: "/v1/printers/" + args[0]}, &p)
		return err == nil && p.State == "held" && string(p.Reason) == args[1]
	})
}

func storyCutLink(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	theShop(ts).all[args[0]].AfterBytes(n, virtual.Change{Link: "drop"})
}

func storyExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts, args[1:]); got != want {
		ts.Fatalf("%s ended with %d, want %d\n%s", strings.Join(args[1:], " "), got, want, ts.ReadFile("stderr"))
	}
}

func storyBecomes(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	ok := func() bool { return exitCode(ts, args[1:]) == want }
	if s := ts.Value(shopKey).(*shop); s.all != nil {
		s.await(strings.Join(args, " "), ok)
		return
	}
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("waited in vain for %s\n%s", strings.Join(args, " "), ts.ReadFile("stderr"))
		}
	}
}

func exitCode(ts *testscript.TestScript, command []string) int {
	err := ts.Exec(command[0], command[1:]...)
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		ts.Fatalf("%s: %v", command[0], err)
	}
	return exit.ExitCode()
}

func storyAppears(ts *testscript.TestScript, _ bool, args []string) {
	awaitFile(ts, args[0], "")
}

func storySays(ts *testscript.TestScript, _ bool, args []string) { awaitFile(ts, args[0], args[1]) }

// awaitFile waits until a file is there and holds a text.
func awaitFile(ts *testscript.TestScript, name, text string) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Lstat(ts.MkAbs(name)); err == nil && text == "" {
			return // not read: it may be a terminal
		}
		data, err := os.ReadFile(ts.MkAbs(name))
		if err == nil && text != "" && strings.Contains(string(data), text) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not come, or does not say %q: %s", name, text, data)
		}
	}
}
