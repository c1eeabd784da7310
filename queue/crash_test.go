//go:build unix

package queue_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/parallel"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

var kills = flag.Int("kills", 12, "how often the crash test kills a process at random")

// TestMain runs the child of the crash tests when it is asked for.
func TestMain(m *testing.M) {
	if dir := os.Getenv("QUEUE_CRASH_DIR"); dir != "" {
		crashChild(dir)
		os.Exit(0)
	}
	parallel.AtLeast(8)                // they wait for the disk
	_ = flag.Set("rapid.checks", "12") // unless the command line says otherwise
	os.Exit(m.Run())
}

// paperFile is the counter of the crash tests: bytes that left a process stay there when it dies. It is written without
// fsync: a killed process loses nothing that it wrote.
type paperFile struct {
	mu sync.Mutex
	f  *os.File
}

func (p *paperFile) write(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.f, format+"\n", args...)
}

// crashChild accepts slips and prints them until it is killed. What it was told is written to "told", what came out to
// "paper".
func crashChild(dir string) {
	open := func(name string) *paperFile {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		return &paperFile{f: f}
	}
	told, paper := open("told"), open("paper")
	q, err := queue.Open(context.Background(), filepath.Join(dir, "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		panic(err)
	}
	if point, n := os.Getenv("QUEUE_CRASH_POINT"), 0; point != "" {
		var at int
		fmt.Sscan(os.Getenv("QUEUE_CRASH_AT"), &at)
		queue.SetHook(q, func(p string) {
			if p == point {
				if n++; n == at {
					syscall.Kill(os.Getpid(), syscall.SIGKILL)
				}
			}
		})
	}
	deliver := func(ctx context.Context, d queue.Delivery) queue.Result {
		id, err := d.Begin(ctx)
		if err != nil {
			return queue.Result{State: queue.Queued}
		}
		paper.write("%s %s %d %s %x", d.Job.ID, d.Copy, d.Mark.PrintNo, d.Mark.Kind, id)
		return queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 1}
	}
	go q.Printing.Run(context.Background(), []string{"default"}, deliver)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 12 {
				n := worker*100 + i + 1
				id := fmt.Sprintf("j%d", n)
				text := slip{id: id, voucher: fmt.Sprintf("%06d", n)}.String()
				if n%5 == 0 {
					text = order(id, id, "new")
				}
				r := job.Parse([]byte(text))
				a, err := q.Requests.Accept(context.Background(), queue.Arrival{Parsed: r, Source: queue.SourceHTTP})
				if err == nil {
					told.write("%s %s", id, a.Outcome)
				}
			}
		})
	}
	wg.Wait()
	time.Sleep(50 * time.Millisecond)
	q.Close()
}

// crash runs the child in dir until it ends or is killed.
func crash(t *testing.T, dir string, after time.Duration, env ...string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), append(env, "QUEUE_CRASH_DIR="+dir)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		time.AfterFunc(after, func() { cmd.Process.Kill() })
	}
	_ = cmd.Wait() // killed
}

func lines(t *testing.T, path string) []string {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		list = append(list, sc.Text())
	}
	return list
}

// afterCrash checks the promises on what the processes left, then lets everything print and checks again.
func afterCrash(t *testing.T, dir string) {
	t.Helper()
	ctx := t.Context()
	q, err := queue.Open(ctx, filepath.Join(dir, "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.Journal.Verify(ctx); err != nil {
		t.Error(err)
	}
	for _, l := range lines(t, filepath.Join(dir, "told")) {
		id := strings.Fields(l)[0]
		a, err := q.Jobs.Answer(ctx, id)
		if err != nil {
			t.Errorf("P1: told %q, but %v", l, err)
			continue
		}
		for _, c := range a.Copies {
			if c.State == queue.Sending {
				t.Errorf("P4: %s %s is sending after a crash", id, c.Copy)
			}
		}
	}
	pieces := map[string]bool{} // job copy number
	ids := map[string]string{}
	count := map[string]int{}
	for _, l := range lines(t, filepath.Join(dir, "paper")) {
		f := strings.Fields(l)
		if len(f) != 5 {
			continue // torn off by the kill
		}
		key := f[0] + " " + f[1]
		if pieces[key+" "+f[2]] {
			t.Errorf("P2: %s came out twice as number %s", key, f[2])
		}
		pieces[key+" "+f[2]] = true
		if original := f[3] == "original" || f[3] == "late"; original != (f[2] == "1") {
			t.Errorf("P2: %s number %s is marked %s", key, f[2], f[3])
		}
		if other, ok := ids[f[4]]; ok {
			t.Errorf("proof id %s was used for %s and %s", f[4], other, l)
		}
		ids[f[4]] = l
		if count[key]++; count[key] > 2 || count[key] > 1 && !strings.HasSuffix(key, "kitchen") {
			t.Errorf("P4: %s came out %d times by itself", key, count[key])
		}
		a, err := q.Jobs.Answer(ctx, f[0])
		if err != nil {
			t.Errorf("paper of a job that nobody knows: %s", l)
			continue
		}
		known := false
		for _, c := range a.Copies {
			if string(c.Copy) == f[1] && fmt.Sprint(c.PrintNo) == f[2] {
				known = c.State == queue.Printed || c.State == queue.Uncertain
			}
		}
		if !known {
			t.Errorf("P2: %q is on paper, the journal says %+v", l, a.Copies)
		}
	}
}

// TestCrashAtRandom kills a process that accepts and prints, again and again on the same journal.
func TestCrashAtRandom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range *kills {
		crash(t, dir, 20*time.Millisecond+time.Duration(rand.Int64N(int64(120*time.Millisecond))))
		afterCrash(t, dir)
	}
	crash(t, dir, 0) // to the end: the same ids again are duplicates
	afterCrash(t, dir)
	if n := len(lines(t, filepath.Join(dir, "told"))); n < 48 {
		t.Errorf("only %d answers", n)
	}
}

// TestCrashAtEachCommit kills a process right before and right after its first commits, one after the other.
func TestCrashAtEachCommit(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"before commit", "after commit"} {
		for at := 1; at <= 8; at++ {
			t.Run(fmt.Sprintf("%s %d", point, at), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				crash(t, dir, 0, "QUEUE_CRASH_POINT="+point, fmt.Sprint("QUEUE_CRASH_AT=", at))
				afterCrash(t, dir)
			})
		}
	}
}
