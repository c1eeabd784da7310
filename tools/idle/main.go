//go:build linux

// Idle counts how often a process wakes the machine while nothing is asked of it, over all its threads, and what it holds in memory:
//
//	go run ./idle PID [SECONDS]
//
// A wake-up is a voluntary switch: a thread had waited, and ran. Start the daemon, let a slip come out, wait until its link is given
// back, then measure; an open counter page and whoever asks for the status count too.
package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("usage: idle PID [SECONDS]")
	}
	pid, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("a process has a number: %w", err)
	}
	seconds := 60
	if len(args) == 2 {
		if seconds, err = strconv.Atoi(args[1]); err != nil || seconds < 1 {
			return fmt.Errorf("%q is no number of seconds", args[1])
		}
	}
	before, err := switches("/proc", pid)
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(seconds) * time.Second)
	after, err := switches("/proc", pid)
	if err != nil {
		return err
	}
	total := 0
	for _, id := range slices.Sorted(maps.Keys(after)) {
		n := after[id] - before[id]
		total += n
		if n > 0 {
			fmt.Printf("thread %-8s %6d\n", id, n)
		}
	}
	memory, err := field(filepath.Join("/proc", args[0], "status"), "VmRSS")
	if err != nil {
		return err
	}
	fmt.Printf("%d threads woke %d times in %d s: %.2f a second; %.1f MB\n", len(after), total, seconds, float64(total)/float64(seconds), float64(memory)/1024)
	return nil
}

// switches gives how often each thread of a process has waited and was woken.
func switches(proc string, pid int) (map[string]int, error) {
	list, err := filepath.Glob(filepath.Join(proc, strconv.Itoa(pid), "task", "*"))
	if err != nil || len(list) == 0 {
		return nil, fmt.Errorf("there is no process %d", pid)
	}
	out := make(map[string]int, len(list))
	for _, t := range list {
		if n, err := field(filepath.Join(t, "status"), "voluntary_ctxt_switches"); err == nil { // else the thread has ended
			out[filepath.Base(t)] = n
		}
	}
	return out, nil
}

// field reads a number of a file of lines "name: number".
func field(file, name string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			if words := bytes.Fields(rest); len(words) > 0 {
				return strconv.Atoi(string(words[0]))
			}
		}
	}
	return 0, fmt.Errorf("%s: no %s", file, name)
}
