// Package suites runs receiptd on real drivers in guests: see ../README.md. Nothing runs without LAB_DIR, which ../run sets.
package suites

import (
	"flag"
	"testing"
	"time"

	"github.com/receiptd/receiptd/tools/lab/vm"
)

var (
	cuts        = flag.Int("cuts", 8, "power cuts of the suite powercuts; nightly does 100")
	mountOption = flag.String("mount", "", "for the disk of powercuts; \"-o nobarrier\" shows that the lab finds what is lost")
	parts       = flag.String("parts", "crashes watchdog reload stays", "what the suite systemd does between upgrade and purge")
	seed        = flag.Uint64("seed", 0, "seed of the random moments; 0 takes one from the clock")
)

// TestLab is all suites. They run one after the other: a machine without hardware virtualisation has no room for two guests.
func TestLab(t *testing.T) {
	if vm.Dir() == "" {
		t.Skip("only tools/lab/run has a guest")
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -seed %d", *seed)
	t.Run("usblp", usblp)
	t.Run("serial", serialLines)
	t.Run("powercuts", powerCuts)
	t.Run("systemd", systemd)
}

// boot starts a guest that lives as long as the test.
func boot(t *testing.T, c vm.Config) *vm.VM {
	t.Helper()
	began := time.Now()
	v, err := vm.Boot(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Kill)
	t.Logf("the guest answers after %.1f s", time.Since(began).Seconds())
	return v
}

// await looks again and again until ok, at most for a time that an emulated machine may need.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	within(t, 90*time.Second, what, ok)
}

func within(t *testing.T, most time.Duration, what string, ok func() bool) {
	t.Helper()
	most *= time.Duration(vm.Patience())
	for end := time.Now().Add(most); !ok(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for %s", most, what)
		}
	}
}
