package move_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/examples"
	"github.com/receiptd/receiptd/internal/move"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

const configText = "# the shop's\n"

// newTill makes a till; with slips it is one that was at work.
func newTill(t *testing.T, slips bool) move.Till {
	t.Helper()
	dir := t.TempDir()
	till := move.Till{Data: filepath.Join(dir, "data"), Config: filepath.Join(dir, "receiptd.toml"), Templates: filepath.Join(dir, "templates")}
	if err := os.MkdirAll(till.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	if !slips {
		put(t, till.Config, "# as installed\n")
		return till
	}
	put(t, till.Config, configText)
	put(t, filepath.Join(till.Templates, "sale.receipt"), "a template")
	for _, name := range []string{"token", "supervisor-pin", "page-key", "name-key", "tiers.json"} {
		put(t, filepath.Join(till.Data, name), "secret "+name)
	}
	q, err := open(till)
	if err != nil {
		t.Fatal(err)
	}
	data, err := examples.Jobs.ReadFile("jobs/01-sale-chip.json")
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Requests.Accept(t.Context(), queue.Arrival{File: "a.json", FileSeq: 1, Parsed: job.Parse(data), Source: queue.SourceSpool})
	if err := errors.Join(err, q.Close()); err != nil {
		t.Fatal(err)
	}
	return till
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func open(till move.Till) (*queue.Queue, error) {
	return queue.Open(context.Background(), filepath.Join(till.Data, "journal.db"), queue.Options{Ballast: -1,
		DefaultCopies: func(*job.Job) []job.CopyName { return []job.CopyName{"merchant"} },
		Home:          func(string) queue.Home { return queue.Home{Host: int64(len(till.Data)) + 1} }})
}

func fits([]byte) bool { return true }

func given(string) error { return nil }

// works tells whether a till has the shop's slips and opens.
func works(t *testing.T, till move.Till) bool {
	t.Helper()
	if _, err := os.Stat(filepath.Join(till.Data, "journal.db")); err != nil {
		return false
	}
	q, err := open(till)
	var moved *queue.MovedError
	if errors.As(err, &moved) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	list, _, err := q.Jobs.List(t.Context(), queue.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if l, lost := q.Journal.Loss(); lost && len(list) > 0 {
		t.Errorf("%s: %+v", till.Data, l)
	}
	return len(list) == 1
}

// complete looks whether all of the old till is at the new one.
func complete(t *testing.T, till move.Till) {
	t.Helper()
	want := map[string]string{till.Config: configText, till.Config + ".before-move": "# as installed\n", filepath.Join(till.Templates, "sale.receipt"): "a template"}
	for _, name := range []string{"token", "supervisor-pin", "page-key", "name-key", "tiers.json"} {
		want[filepath.Join(till.Data, name)] = "secret " + name
	}
	for path, text := range want {
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
}

// asProgram names the variable by which the test's own program plays one step, and dies at a given change on disk.
const asProgram = "RECEIPTD_TEST_MOVE"

func TestMain(m *testing.M) {
	parts := strings.Split(os.Getenv(asProgram), "|")
	if len(parts) < 6 {
		os.Exit(m.Run())
	}
	till := move.Till{Data: parts[1], Config: parts[2], Templates: parts[3]}
	left, _ := strconv.Atoi(parts[5])
	die := func() {
		if left--; left == 0 {
			p, _ := os.FindProcess(os.Getpid())
			_ = p.Kill()
			select {}
		}
	}
	var err error
	if parts[0] == "out" {
		err = move.Out(context.Background(), till, parts[4], os.Getenv(asProgram+"_CODE"), time.Now(), die)
	} else {
		_, err = move.In(context.Background(), till, parts[4], time.Now(), fits, given, die)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killed plays one step in a process that is killed at its nth change, and tells whether it came to its end before.
func killed(t *testing.T, what string, till move.Till, file, code string, n int) (done bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asProgram+"="+strings.Join([]string{what, till.Data, till.Config, till.Templates, file, strconv.Itoa(n)}, "|"), asProgram+"_CODE="+code)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 1 && len(out) > 0) {
		t.Fatalf("%s, killed at change %d: %v\n%s", what, n, err, out)
	}
	return err == nil
}

// A move that is killed at any change on disk leaves at most one till that works, and the same commands bring it to its end.
func TestKilledMove(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 3
	}
	for n, ended := 1, false; !ended; n += step {
		if n > 40 {
			t.Fatal("the move has no end")
		}
		old, next := newTill(t, true), newTill(t, false)
		code, err := move.Code(next.Data)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "till.move")
		one := func(when string) {
			t.Helper()
			if works(t, old) && works(t, next) {
				t.Fatalf("%s at change %d: both tills work", when, n)
			}
		}
		outDone := killed(t, "out", old, file, code, n)
		if _, err := os.Stat(file); err == nil && works(t, old) {
			t.Fatalf("killed at change %d: there is a file, and the old till works", n)
		}
		if !outDone {
			killed(t, "out", old, file, code, 0)
		}
		if works(t, old) {
			t.Fatalf("killed at change %d: the old till works after a move", n)
		}
		inDone := killed(t, "in", next, file, code, n)
		one("taking in")
		if !inDone {
			killed(t, "in", next, file, code, 0)
		}
		one("taken in")
		if !works(t, next) {
			t.Fatalf("killed at change %d: the new till does not work", n)
		}
		complete(t, next)
		ended = outDone && inDone
		if ended && n < 8 {
			t.Fatalf("only %d changes", n)
		}
	}
}

// A file serves the till it was made for, once; a till with slips takes none in.
func TestMoveServesOneTill(t *testing.T) {
	old, next, third := newTill(t, true), newTill(t, false), newTill(t, true)
	code, err := move.Code(next.Data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := move.Code(next.Data); err != nil || again != code {
		t.Errorf("%q, then %q: %v", code, again, err)
	}
	t.Chdir(t.TempDir())
	file := "till.move" // as people write it
	in := func(till move.Till) (move.Taken, error) {
		return move.In(t.Context(), till, file, time.Now(), fits, given, nil)
	}
	if err := move.Out(t.Context(), old, file, "ABC", time.Now(), nil); !errors.Is(err, move.ErrCode) || !works(t, old) {
		t.Errorf("a wrong code: %v", err)
	}
	if err := move.Out(t.Context(), old, filepath.Join(old.Data, "none", "x"), code, time.Now(), nil); err == nil || !works(t, old) {
		t.Errorf("a file that cannot be written: %v", err)
	}
	if err := move.Out(t.Context(), old, file, strings.ToLower(code), time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	if err := move.Out(t.Context(), old, file+"2", code, time.Now(), nil); err != nil {
		t.Errorf("a second file for the same till: %v", err)
	}
	if _, err := in(newTill(t, false)); !errors.Is(err, move.ErrOther) {
		t.Errorf("a till without a code: %v", err)
	}
	if _, err := move.Code(third.Data); err != nil {
		t.Fatal(err)
	}
	if _, err := in(third); !errors.Is(err, move.ErrOther) {
		t.Errorf("another till: %v", err)
	}
	if q, err := open(next); err != nil || q.Close() != nil { // it was started before, and has an empty journal
		t.Fatal(err)
	}
	if taken, err := in(next); err != nil || taken.Again || taken.Beside || taken.Config != next.Config {
		t.Fatalf("%+v, %v", taken, err)
	}
	complete(t, next)
	if !works(t, next) {
		t.Error("the new till does not work")
	}
	if taken, err := in(next); err != nil || !taken.Again {
		t.Errorf("again: %+v, %v", taken, err)
	}
	full := newTill(t, true)
	put(t, filepath.Join(full.Data, "move-code"), code)
	if _, err := in(full); !errors.Is(err, queue.ErrOccupied) || !works(t, full) {
		t.Errorf("a till with slips: %v", err)
	}
	put(t, file, "PK no zip")
	if _, err := in(next); !errors.Is(err, move.ErrNoFile) {
		t.Errorf("a damaged file: %v", err)
	}
}

// A configuration of other folders stands beside this till's.
func TestConfigThatDoesNotFit(t *testing.T) {
	old, next := newTill(t, true), newTill(t, false)
	code, err := move.Code(next.Data)
	file := filepath.Join(t.TempDir(), "till.move")
	if err := errors.Join(err, move.Out(t.Context(), old, file, code, time.Now(), nil)); err != nil {
		t.Fatal(err)
	}
	taken, err := move.In(t.Context(), next, file, time.Now(), func([]byte) bool { return false }, given, nil)
	if err != nil || !taken.Beside || taken.Config != next.Config+".moved" {
		t.Errorf("%+v, %v", taken, err)
	}
	if got, err := os.ReadFile(next.Config); err != nil || string(got) != "# as installed\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// A code is the same number however it is written.
func TestCodes(t *testing.T) {
	n, err := move.Number(" abcde-fghjk\n")
	if err != nil || move.CodeOf(n) != "ABCDE-FGHJK" {
		t.Errorf("%d, %q, %v", n, move.CodeOf(n), err)
	}
	for _, wrong := range []string{"", "ABCDEFGHJ", "ABCDEFGHJKL", "ABCDE-FGHJ0"} {
		if _, err := move.Number(wrong); !errors.Is(err, move.ErrCode) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
