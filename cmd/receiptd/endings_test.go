package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/receiptd/receiptd/packaging"
	"github.com/receiptd/receiptd/printer/virtual"
)

// The unit starts the daemon again after every end but those that only a person's edit mends, and the program ends as the unit
// expects: a fault of its own never with a code of that list. (`tools/lab/run systemd` shows it in a real systemd.)
func TestEndsAsTheUnitExpects(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no unit, no signals
	}
	var never []int
	for line := range strings.SplitSeq(packaging.Unit, "\n") {
		if list, ok := strings.CutPrefix(line, "RestartPreventExitStatus="); ok {
			for _, word := range strings.Fields(list) {
				code, err := strconv.Atoi(word)
				if err != nil {
					t.Fatal(err)
				}
				never = append(never, code)
			}
		}
	}
	if want := []int{exitInvalid, exitRefused, exitUsage}; !slices.Equal(never, want) {
		t.Errorf("the unit does not restart after %v, want %v", never, want)
	}
	s := newShop(t, virtual.Options{Speed: virtual.Max}, "")
	wrong := filepath.Join(s.dir, "wrong.toml")
	if err := os.WriteFile(wrong, []byte("[spool]\nwrong = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A process that catches nothing is enough for the signals: what ends it is the runtime.
	for _, row := range []struct {
		name   string
		args   []string
		signal syscall.Signal
		broken bool
		code   int
		stays  bool // stays ended under systemd
	}{
		{"SIGABRT, as the watchdog sends it", []string{"run"}, syscall.SIGABRT, false, exitBroken, false},
		{"SIGSEGV", []string{"run"}, syscall.SIGSEGV, false, exitBroken, false},
		{"SIGQUIT", []string{"run"}, syscall.SIGQUIT, false, exitBroken, false},
		{"SIGKILL", []string{"run"}, syscall.SIGKILL, false, -1, false},
		{"panic", nil, 0, true, exitBroken, false},
		{"unknown flag", []string{"run", "--nonsense"}, 0, false, exitUsage, true},
		{"unknown command", []string{"rum"}, 0, false, exitUsage, true},
		{"wrong configuration", []string{"run", "--config", wrong}, 0, false, exitInvalid, true},
		{"configuration that is not there yet", []string{"run", "--config", wrong + "x"}, 0, false, exitNotFound, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			cmd := s.command(row.args...)
			if slices.Contains(row.args, "--config") {
				cmd.Args = cmd.Args[:len(cmd.Args)-2] // not the shop's
			}
			if row.broken {
				cmd.Env = append(cmd.Env, asProgram+"="+breaksOff)
			}
			if row.signal != 0 {
				s.start()
				s.ready()
				cmd, s.daemon = s.daemon, nil
				if err := cmd.Process.Signal(row.signal); err != nil {
					t.Fatal(err)
				}
			} else if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != row.code {
				t.Fatalf("ended with %v, want code %d", err, row.code)
			}
			if got := slices.Contains(never, exit.ExitCode()); got != row.stays {
				t.Errorf("under systemd it stays ended: %v, want %v", got, row.stays)
			}
		})
	}
}
