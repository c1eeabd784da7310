package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// lineEvery is how often long work says where it is, where no bar can be shown.
const lineEvery = 3 * time.Second

// A meter shows how far long work is: a bar on a terminal, elsewhere a line every few seconds, nothing with --quiet. Its goroutine ends with
// done. Any goroutine may count.
type meter struct {
	bar  *progressbar.ProgressBar // nil without a terminal
	stop chan struct{}            // nil when nothing is shown
	over sync.WaitGroup

	mu  sync.Mutex
	now int64 // guarded by mu
}

// longWork shows that work goes on, and says what was left when it was stopped on the way.
type longWork struct{ a *app }

// steps begins to show work of a known number of steps.
func (g longWork) steps(all int, what string) *meter { return g.newMeter(int64(all), what, false) }

// bytes begins to show how much was copied; how much it will be is not known.
func (g longWork) bytes(what string) *meter { return g.newMeter(-1, what, true) }

func (g longWork) newMeter(all int64, what string, bytes bool) *meter {
	m := &meter{}
	f, ok := g.a.stderr.(interface{ Fd() uintptr })
	terminal := ok && isatty.IsTerminal(f.Fd())
	if g.a.quiet || g.a.json && !terminal {
		return m
	}
	m.stop = make(chan struct{})
	begun := time.Now()
	every := lineEvery
	show := func() {
		fmt.Fprintln(g.a.stderr, "... "+g.progressLine(what, m.count(), all, bytes, time.Since(begun)))
	}
	if terminal {
		every = 200 * time.Millisecond
		m.bar = progressbar.NewOptions64(all, progressbar.OptionSetWriter(g.a.stderr), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(bytes), progressbar.OptionSetPredictTime(all > 0),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30), progressbar.OptionSpinnerType(14), progressbar.OptionClearOnFinish())
		show = func() { _ = m.bar.Set64(m.count()) } // a terminal that has gone sees nothing
	}
	m.over.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-m.stop:
				return
			case <-tick.C:
				show()
			}
		}
	})
	return m
}

// progressLine says how far work is, in one line.
func (g longWork) progressLine(what string, now, all int64, bytes bool, since time.Duration) string {
	switch {
	case bytes && now > 0:
		return fmt.Sprintf(g.a.say("%s：%d KB", "%s: %d KB"), what, now>>10)
	case all > 0:
		return fmt.Sprintf(g.a.say("%s：%d/%d", "%s: %d/%d"), what, now, all)
	}
	return fmt.Sprintf(g.a.say("%s：已经 %d 秒", "%s: %d s so far"), what, int(since.Seconds()))
}

func (m *meter) count() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *meter) step() { m.add(1) }

func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += int64(n)
}

// Write counts bytes.
func (m *meter) Write(p []byte) (int, error) {
	m.add(len(p))
	return len(p), nil
}

// done ends it.
func (m *meter) done() {
	if m.stop == nil {
		return
	}
	close(m.stop)
	m.over.Wait()
	if m.bar != nil {
		_ = m.bar.Finish() // as above
	}
	m.stop = nil
}

// during shows that work goes on whose length nobody knows.
func (g longWork) during(what string, work func() error) error {
	m := g.newMeter(-1, what, false)
	defer m.done()
	return work()
}

// unlessStopped gives err, or says in its place that the work was stopped on the way and what is left now.
func (g longWork) unlessStopped(ctx context.Context, err error, zh, en string) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return codeError{exitFailed, g.a.say("中途停下了："+zh, "stopped on the way: "+en)}
}

// copyUnlessStopped copies until ctx ends.
func copyUnlessStopped(ctx context.Context, to io.Writer, from io.Reader) error {
	_, err := io.Copy(to, readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return from.Read(p)
	}))
	return err
}

type readerFunc func(p []byte) (int, error)

// Read calls the function.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
