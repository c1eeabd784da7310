//go:build linux

package main

import (
	"os"
	"testing"
)

// TestSwitches reads this very process.
func TestSwitches(t *testing.T) {
	list, err := switches("/proc", os.Getpid())
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	total := 0
	for _, n := range list {
		total += n
	}
	if total == 0 {
		t.Error("no thread of this process ever waited")
	}
	if kb, err := field("/proc/self/status", "VmRSS"); err != nil || kb < 1000 {
		t.Errorf("%d kB, %v", kb, err)
	}
	if _, err := switches(t.TempDir(), 1); err == nil {
		t.Error("a process that is not there")
	}
	if run(nil) == nil || run([]string{"x"}) == nil || run([]string{"1", "0"}) == nil {
		t.Error("no number of a process, no number of seconds")
	}
}
