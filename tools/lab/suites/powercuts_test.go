package suites

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/tools/lab/disk"
	"github.com/receiptd/receiptd/tools/lab/vm"
	"github.com/receiptd/receiptd/vocabulary"
)

const diskSize = 256 << 20

// newDisk is a disk with an empty ext4 on it.
func newDisk(t *testing.T) *disk.Disk {
	t.Helper()
	name := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, diskSize); err != nil {
		t.Fatal(err)
	}
	mkfs := exec.Command("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", name)
	mkfs.Env = append(os.Environ(), "PATH=/usr/sbin:/sbin:/usr/bin:/bin")
	if out, err := mkfs.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := disk.New(diskSize)
	b, zero := make([]byte, 1<<16), make([]byte, 1<<16)
	for off := int64(0); off < diskSize; off += int64(len(b)) {
		if _, err := io.ReadFull(f, b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, zero) {
			d.WriteAt(b, off)
		}
	}
	d.Flush()
	return d
}

// cutter is the shop whose power fails: what outlives a cut, and what was promised before it.
type cutter struct {
	till
	r     *rand.Rand
	disk  *disk.Disk
	usb   *usbPrinter
	jobs  int
	acked map[int]api.Answer // the last answer that a program has read
	open  map[int]bool       // of these nothing is known to be over
}

// powerCuts takes the power from receiptd while jobs come in and slips go out: to a disk that loses what was not flushed, and a
// printer that stays on. What was acknowledged must be there, an answer must not be taken back, and the paper must fit.
func powerCuts(t *testing.T) {
	c := &cutter{r: rand.New(rand.NewPCG(*seed, 1)), disk: newDisk(t), usb: newUSBPrinter(t, "P1", real()), acked: map[int]api.Answer{}, open: map[int]bool{}}
	c.spool, c.mayTear = "/var/till/spool", true
	c.paper = []*virtual.Printer{c.usb.v}
	began := time.Now()
	for i := range *cuts {
		c.boot(t)
		if i > 0 && (i%3 == 0 || c.r.IntN(3) == 0) {
			c.settleAll(t)
		}
		c.work(t)
		c.v.Kill()
		lost := 0
		c.disk, lost = c.disk.Cut(c.r)
		t.Logf("cut %d: %d jobs so far, %d of them acknowledged, %d writes in the disk's cache", i+1, c.jobs, len(c.acked), lost)
		if t.Failed() {
			return
		}
	}
	c.boot(t)
	defer c.v.Kill()
	c.settleAll(t)
	printed := 0
	for n, a := range c.acked {
		c.honest(t, n, a)
		printed += len(a.Copies)
	}
	t.Logf("%d power cuts in %.0f s: %d jobs acknowledged, %d copies, %d pieces of paper", *cuts, time.Since(began).Seconds(), len(c.acked), printed, len(c.usb.v.Pieces()))
}

// boot starts a guest on the disk as the cut left it, and the daemon.
func (c *cutter) boot(t *testing.T) {
	t.Helper()
	v, err := vm.Boot(vm.Config{Modules: []string{"usblp", "vhci-hcd"}, Disk: c.disk})
	if err != nil {
		t.Fatal(err)
	}
	c.v = v
	t.Cleanup(func() { // Kill may be called twice
		if t.Failed() && c.v == v { // the newest one
			c.tellLog(t)
		}
		v.Kill()
	})
	c.sh(t, "n=0; until [ -b /dev/vda ]; do n=$((n+1)); [ $n -lt 500 ] || exit 1; sleep 0.02; done; mkdir -p /var/till && mount -t ext4 "+*mountOption+" /dev/vda /var/till && mkdir -p /var/till/spool/incoming")
	c.configure(t, front+"device = \"usb://04b8:0e15/P1\"\n")
	c.usb.plug(t, &c.till, "/dev/usb/lp0")
	if c.r.IntN(5) == 0 { // the power fails again while it starts
		c.sh(t, receiptd+"run </dev/null >>/tmp/log 2>&1 &")
		time.Sleep(time.Duration(c.r.IntN(3000)) * time.Millisecond)
		c.v.Kill()
		c.disk, _ = c.disk.Cut(c.r)
		c.boot(t)
		return
	}
	c.start(t)
	c.kept(t)
}

// kept checks that what was acknowledged is there, and that no answer was taken back.
func (c *cutter) kept(t *testing.T) {
	t.Helper()
	for n := range c.open {
		was, acked := c.acked[n]
		if !acked {
			if now, ok := c.answer(t, n); ok && now.Outcome == vocabulary.OutcomeAccepted {
				c.acked[n] = now // it was on its way
			}
			continue
		}
		// The file may be some moments older than the cut until the daemon has written it anew from its journal.
		await(t, fmt.Sprintf("the answer to sale %d as it was read before the cut: %+v", n, was), func() bool {
			now, ok := c.answer(t, n)
			return ok && now.Outcome == vocabulary.OutcomeAccepted && !takenBack(was, now)
		})
	}
}

// takenBack says whether a copy that was called printed is no longer.
func takenBack(was, now api.Answer) bool {
	for _, before := range was.Copies {
		if before.State != vocabulary.StatePrinted {
			continue
		}
		kept := false
		for _, after := range now.Copies {
			kept = kept || before.CopyID == after.CopyID && after.State == vocabulary.StatePrinted
		}
		if !kept {
			return true
		}
	}
	return false
}

// work drops some jobs and reads answers until the moment of the cut.
func (c *cutter) work(t *testing.T) {
	t.Helper()
	fresh := 1 + c.r.IntN(3)
	for range fresh {
		c.jobs++
		c.drop(t, 300000+c.jobs)
		c.open[300000+c.jobs] = true
	}
	look := func() (seen bool) {
		for n := range c.open {
			if a, ok := c.answer(t, n); ok && a.Outcome == vocabulary.OutcomeAccepted {
				c.acked[n] = a
				seen = seen || n > 300000+c.jobs-fresh
			}
		}
		return seen
	}
	if c.r.IntN(4) > 0 { // else the cut may come before the first of them is taken
		await(t, "the first answer", look)
	}
	for end := time.Now().Add(time.Duration(c.r.IntN(4000)) * time.Millisecond); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		look()
	}
}

// settleAll waits until nothing is open, and looks at the paper.
func (c *cutter) settleAll(t *testing.T) {
	t.Helper()
	for n := range c.open {
		if _, acked := c.acked[n]; acked {
			c.settled(t, n)
			c.acked[n], _ = c.answer(t, n)
		} else if a, ok := c.answer(t, n); ok {
			t.Logf("sale %d, never acknowledged: %s", n, a.Outcome)
		}
		delete(c.open, n)
	}
}
