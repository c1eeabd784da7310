package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/archive"
	"github.com/receiptd/receiptd/job"
)

// A paper is a journal in which copies come out.
type paper struct {
	id string

	mu     sync.Mutex // guards what follows
	copies []api.PrintedCopy
	event  int64
	reads  int
	more   chan struct{}
	now    time.Time
}

func newPaper(id string) *paper { return &paper{id: id, more: make(chan struct{})} }

func (p *paper) come(at time.Time, ids ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		p.event += 3 // others happened meanwhile
		p.copies = append(p.copies, api.PrintedCopy{Event: p.event, At: at, JobID: id, CopyID: fmt.Sprintf("01K%05d", p.event), Copy: job.CopyMerchant, PrintNo: 1})
	}
	p.event++
	close(p.more)
	p.more = make(chan struct{})
}

func (p *paper) read() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads
}

func (p *paper) ID() string { return p.id }

func (p *paper) Printed(_ context.Context, after int64, most int) (list []api.PrintedCopy, upTo int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads++
	if after < 0 {
		return nil, p.event, nil
	}
	for _, c := range p.copies {
		if c.Event > after && len(list) < most {
			list = append(list, c)
		}
	}
	if len(list) == most {
		return list, list[most-1].Event, nil
	}
	return list, p.event, nil
}

func (p *paper) Await(ctx context.Context, after int64) error {
	p.mu.Lock()
	event, more := p.event, p.more
	p.mu.Unlock()
	if after >= 0 && event > after {
		return nil
	}
	select {
	case <-more:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *paper) AgreedTime(context.Context) (time.Time, error) { return p.now, nil }

// A desk is a keeper with its surroundings.
type desk struct {
	*archive.Keeper
	store *archive.Store
	conf  archive.Config
	free  atomic.Int64
	files int64
	draw  func(c *api.PrintedCopy) error
}

func newDesk(dir string, p *paper) *desk {
	d := &desk{store: archive.Open(filepath.Join(dir, "archive")), files: -1, conf: archive.Config{On: true, Months: 24, MinFree: 512 << 20, Zone: time.UTC}}
	d.free.Store(10 << 30)
	d.Keeper = archive.New(archive.Options{Store: d.store, Journal: p, Config: func() archive.Config { return d.conf },
		Draw: func(_ context.Context, w io.Writer, c *api.PrintedCopy, _ time.Time) error {
			if d.draw != nil {
				if err := d.draw(c); err != nil {
					return err
				}
			}
			_, err := io.WriteString(w, "%PDF "+c.JobID)
			return err
		},
		Room: func(string) (int64, int64, error) { return d.free.Load(), d.files, nil }})
	return d
}

// run runs it for a while, in a bubble.
func (d *desk) run(t *testing.T, during time.Duration, while func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	synctest.Wait()
	if while != nil {
		while()
	}
	time.Sleep(during)
	synctest.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// jobs gives what is filed, in the order of the days and lines.
func (d *desk) jobs(t *testing.T) string {
	t.Helper()
	days, err := d.store.Days()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := len(days) - 1; i >= 0; i-- {
		lines, err := d.store.Lines(days[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range lines {
			switch {
			case x.Began:
				all = append(all, "began")
			case x.File == "":
				all = append(all, x.JobID+"("+x.Why+")")
			default:
				if data, err := d.store.File(days[i], x.File); err != nil || string(data) != "%PDF "+x.JobID {
					t.Errorf("%s/%s: %q, %v", days[i], x.File, data, err)
				}
				all = append(all, x.JobID)
			}
		}
	}
	return strings.Join(all, " ")
}

func (d *desk) want(t *testing.T, want string) {
	t.Helper()
	if got := d.jobs(t); got != want {
		t.Errorf("filed: %s, want %s", got, want)
	}
}

var day = time.Date(2026, 8, 11, 12, 34, 56, 0, time.UTC)

// What came out before the archive was switched on is not filed; what comes then is, once, also what came while receiptd was off, and
// the folder is closed to others.
func TestFromNowOn(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper("j")
		p.come(day, "old")
		d := newDesk(dir, p)
		d.run(t, time.Minute, func() { p.come(day, "a", "b") })
		p.come(day.AddDate(0, 0, 1), "while-off")
		again := newDesk(dir, p)
		again.run(t, time.Minute, func() { p.come(day.AddDate(0, 0, 1), "c") })
		again.run(t, time.Minute, nil)
		again.want(t, "began a b while-off c")
	})
	if runtime.GOOS == "windows" {
		return
	}
	for name, mode := range map[string]os.FileMode{"archive": 0o700, "archive/2026-08-11": 0o700, "archive/2026-08-11/index.jsonl": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// A slip waits until nothing happened for a while, and half a minute at most.
func TestNoSlipWaits(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper("j")
		d := newDesk(dir, p)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- d.Run(ctx) }()
		synctest.Wait()
		before := p.read()
		for range 29 {
			p.come(day, "x")
			time.Sleep(time.Second)
		}
		if n := p.read() - before; n != 0 {
			t.Errorf("the journal was read %d times while slips came: a read stands in a slip's way", n)
		}
		if st, _ := d.Status(); st.Filed != 0 {
			t.Errorf("%d slips were filed while others came", st.Filed)
		}
		for range 10 {
			p.come(day, "x")
			time.Sleep(time.Second)
		}
		if st, _ := d.Status(); st.Filed == 0 {
			t.Error("where slips come all the time none is filed")
		}
		cancel()
		<-done
	})
}

// Whatever a crash left - a file without its line, half a line, a file that was being written - the slip is there once afterwards.
func TestWhatACrashLeaves(t *testing.T) {
	for name, wreck := range map[string]func(folder string){
		"a file without its line": func(folder string) {
			_ = os.WriteFile(filepath.Join(folder, "01K00007-b-merchant-1.pdf"), []byte("%PDF b"), 0o600)
		},
		"half a line": func(folder string) {
			f, _ := os.OpenFile(filepath.Join(folder, "index.jsonl"), os.O_APPEND|os.O_WRONLY, 0o600)
			_, _ = f.WriteString(`{"event":5,"job_id":"b"`)
			f.Close()
		},
		"half a file": func(folder string) {
			_ = os.WriteFile(filepath.Join(folder, ".receiptd-ABCDEF.tmp"), []byte("%PD"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				p := newPaper("j")
				at := time.Now().UTC()
				newDesk(dir, p).run(t, time.Minute, func() { p.come(at, "a") })
				folder := filepath.Join(dir, "archive", at.Format("2006-01-02"))
				wreck(folder)
				p.come(at, "b")
				d := newDesk(dir, p)
				d.run(t, time.Minute, nil)
				d.want(t, "began a b")
				list, err := os.ReadDir(folder)
				if err != nil || len(list) != 3 {
					t.Errorf("%v, %v", list, err)
				}
				if n, wrong, err := d.store.Check(); n != 2 || wrong != nil || err != nil {
					t.Error(n, wrong, err)
				}
			})
		})
	}
}

// A disk without room stops the archive before the journal is in danger, says so, and everything is filed when there is room. So does
// a folder that cannot be written.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper("j")
		at := time.Now().UTC()
		d := newDesk(dir, p)
		d.run(t, time.Minute, func() { p.come(at, "a") })
		for code, trouble := range map[string]struct{ begin, end func() }{
			"disk_low": {func() { d.free.Store(511 << 20) }, func() { d.free.Store(600 << 20) }},
			"failed": {func() { moveIndex(dir, at, "index.jsonl", "away"); _ = os.Mkdir(indexOf(dir, at), 0o700) },
				func() { os.Remove(indexOf(dir, at)); moveIndex(dir, at, "away", "index.jsonl") }},
		} {
			d.run(t, 3*time.Minute, func() {
				trouble.begin()
				p.come(at, "late-"+code)
				time.Sleep(time.Minute)
				if got, text := d.Stopped(); got != code || text.Zh == "" {
					t.Errorf("stopped: %s %v, want %s", got, text, code)
				}
				trouble.end()
			})
			if got, _ := d.Stopped(); got != "" {
				t.Error("still stopped:", got)
			}
		}
		for _, once := range []string{"late-disk_low", "late-failed"} {
			if strings.Count(d.jobs(t), once) != 1 {
				t.Errorf("%s: %s", once, d.jobs(t))
			}
		}
	})
}

func indexOf(dir string, at time.Time) string {
	return filepath.Join(dir, "archive", at.Format("2006-01-02"), "index.jsonl")
}

func moveIndex(dir string, at time.Time, from, to string) {
	folder := filepath.Dir(indexOf(dir, at))
	_ = os.Rename(filepath.Join(folder, from), filepath.Join(folder, to))
}

// A slip that cannot be drawn costs its file only.
func TestUndrawn(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p, at := newPaper("j"), time.Now().UTC()
		d := newDesk(dir, p)
		d.draw = func(c *api.PrintedCopy) error {
			if c.JobID == "b" {
				return errors.New("no template")
			}
			return nil
		}
		d.run(t, time.Minute, func() { p.come(at, "a", "b", "c") })
		d.want(t, "began a b(not_rendered) c")
	})
}

// Of a journal that took another's place everything is filed. Switched off nothing is; switched on again, from where it was.
func TestJournalsAndSwitch(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p, at := newPaper("j"), time.Now().UTC()
		newDesk(dir, p).run(t, time.Minute, func() { p.come(at, "a") })
		other := newPaper("k")
		other.come(at, "b")
		d := newDesk(dir, other)
		d.conf.On = false
		d.run(t, time.Minute, nil)
		d.want(t, "began a")
		d.conf.On = true
		d.run(t, time.Minute, nil)
		d.want(t, "began a began b")
		d.conf.On = false
		d.run(t, time.Minute, func() { other.come(at, "c") })
		d.conf.On = true
		d.run(t, time.Minute, func() { other.come(at, "d") })
		d.want(t, "began a began b c d")
	})
}

// Old days go, by a time that the journal agrees with; the newest line stays, for it says how far the journal was followed.
func TestMonths(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper("j")
		d := newDesk(dir, p)
		d.conf.Months = 6
		now := time.Now().UTC()
		d.run(t, time.Minute, func() { p.come(now.AddDate(0, -7, 0), "a"); p.come(now.AddDate(0, -5, 0), "b") })
		d.want(t, "a b began") // nobody agrees on a time
		p.now = now
		d.run(t, time.Minute, func() { p.come(now, "c") })
		d.want(t, "b began c")
		p.now = now.AddDate(10, 0, 0)
		d.run(t, time.Minute, func() { p.come(now, "d") })
		d.want(t, "began c d")
	})
}

// Old days go all the same where the disk is too full to file, for that makes room, and where the archive was switched off.
func TestOldDaysGoAllTheSame(t *testing.T) {
	for name, why := range map[string]func(d *desk){
		"disk low": func(d *desk) { d.free.Store(511 << 20) },
		"off":      func(d *desk) { d.conf.On = false },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				p := newPaper("j")
				d := newDesk(dir, p)
				d.conf.Months = 6
				now := time.Now().UTC()
				d.run(t, time.Minute, func() { p.come(now.AddDate(0, -7, 0), "a"); p.come(now.AddDate(0, -5, 0), "b") })
				d.want(t, "a b began")
				why(d)
				p.now = now
				p.come(now, "c")
				d.run(t, time.Minute, nil)
				d.want(t, "b began")
			})
		})
	}
}

// What a person wants erased goes; that the slips came out stays.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p, at := newPaper("j"), time.Now().UTC()
		d := newDesk(dir, p)
		d.run(t, time.Minute, func() { p.come(at, "a", "b", "a") })
		stray := filepath.Join(filepath.Dir(indexOf(dir, at)), "01K99999-a-merchant-2.pdf")
		if err := os.WriteFile(stray, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := d.store.Erase([]string{"a"}, at); n != 2 || err != nil {
			t.Error(n, err)
		}
		if n, err := d.store.Erase([]string{"a"}, at); n != 0 || err != nil {
			t.Error("twice:", n, err)
		}
		d.want(t, "began a(erased) b a(erased)")
		if _, err := os.Stat(stray); err == nil {
			t.Error("a file that a crash left is still there")
		}
		d.run(t, time.Minute, func() { p.come(at, "c") })
		d.want(t, "began a(erased) b a(erased) c")
	})
}

// Nothing outside the archive can be read through it.
func TestOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	_ = os.WriteFile(filepath.Join(dir, "secret.pdf"), []byte("x"), 0o600)
	_ = os.MkdirAll(filepath.Join(dir, "archive", "2026-08-11"), 0o700)
	s := archive.Open(filepath.Join(dir, "archive"))
	for _, x := range [][2]string{{"..", "secret.pdf"}, {"2026-08-11", "../../secret.pdf"}, {"2026-08-11/../..", "secret.pdf"}, {"2026-08-11", "index.jsonl"}, {"2026-08-12", "a.pdf"}} {
		if _, err := s.File(x[0], x[1]); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("%v: %v", x, err)
		}
	}
}

const childDir = "RECEIPTD_TEST_ARCHIVE"

// fromTheFirst begins an archive before anything has happened, so that all of it will be filed.
func fromTheFirst(t *testing.T, dir string) {
	t.Helper()
	d := newDesk(dir, newPaper("j"))
	d.until(t, func() bool {
		st, err := d.Status()
		return err == nil && len(st.Days) > 0
	})
}

// until runs it until it is enough, outside a bubble. One that ends or files nothing any more says why.
func (d *desk) until(t *testing.T, enough func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { defer close(done); done <- d.Run(ctx) }()
	defer func() { cancel(); <-done }()
	for !enough() {
		if code, text := d.Stopped(); code != "" {
			t.Fatal(code, text.En)
		}
		select {
		case err := <-done:
			t.Fatal("it ended by itself:", err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestKilled kills a process at random moments while it files. Whatever the moment, each slip is there once.
func TestKilled(t *testing.T) {
	slips := 120
	if testing.Short() {
		slips = 40
	}
	p := newPaper("j")
	for i := range slips {
		p.come(day.Add(time.Duration(i%3)*24*time.Hour), "job"+strconv.Itoa(i)) // the clock jumps between days
	}
	if dir := os.Getenv(childDir); dir != "" {
		newDesk(dir, p).until(t, func() bool { return false })
	}
	dir := t.TempDir()
	fromTheFirst(t, dir)
	kills, filed, stuck := 0, 0, 1
	for ; ; kills++ {
		if st, err := newDesk(dir, p).Status(); err == nil && len(st.Days) == 4 {
			n, _, err := archive.Open(filepath.Join(dir, "archive")).Check()
			if err == nil && n == slips {
				break
			}
			if n > filed {
				filed, stuck = n, 0
			}
		}
		if stuck++; stuck > 40 {
			t.Fatalf("nothing more is filed: %d of %d", filed, slips)
		}
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$", "-test.short="+strconv.FormatBool(testing.Short()))
		child.Env = append(os.Environ(), childDir+"="+dir)
		var out bytes.Buffer
		child.Stdout = &out
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(stuck) * time.Duration(30+rand.IntN(400)) * time.Millisecond) // the slower the machine, the longer
		_ = child.Process.Kill()
		_ = child.Wait()
		if strings.Contains(out.String(), "--- FAIL") {
			t.Fatalf("it ended by itself: %s", &out)
		}
	}
	t.Log(kills, "kills")
	seen := map[string]int{}
	for _, id := range strings.Fields(newDesk(dir, p).jobs(t)) {
		seen[id]++
	}
	for i := range slips {
		if id := "job" + strconv.Itoa(i); seen[id] != 1 {
			t.Errorf("%s is there %d times", id, seen[id])
		}
	}
	if _, wrong, err := archive.Open(filepath.Join(dir, "archive")).Check(); wrong != nil || err != nil {
		t.Error(wrong, err)
	}
}
