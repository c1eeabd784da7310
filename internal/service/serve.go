package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	kservice "github.com/kardianos/service"
)

// Serve runs run until ctx ends. Where the system started this process as a Windows service, it answers the service manager
// meanwhile, and its stop and shutdown end run as well.
func Serve(ctx context.Context, run func(context.Context) error) error {
	if runtime.GOOS != "windows" || kservice.Interactive() {
		return run(ctx)
	}
	r := &runner{ctx: ctx, run: run}
	s, err := kservice.New(r, &kservice.Config{Name: Name})
	if err != nil {
		return fmt.Errorf("answer the service manager: %w", err)
	}
	if err := s.Run(); err != nil {
		return errors.Join(fmt.Errorf("answer the service manager: %w", err), r.end())
	}
	return r.end()
}

// runner is run in the words of the service manager.
type runner struct {
	ctx    context.Context // lives as long as the process
	run    func(context.Context) error
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Start begins and does not wait.
func (r *runner) Start(s kservice.Service) error {
	ctx, cancel := context.WithCancel(r.ctx)
	r.cancel, r.done = cancel, make(chan struct{})
	go func() {
		r.err = r.run(ctx)
		close(r.done)
		if ctx.Err() == nil && s != nil {
			_ = s.Stop() // it ended by itself: the manager must know; should that fail, it finds the process idle
		}
	}()
	return nil
}

// Stop ends and waits.
func (r *runner) Stop(kservice.Service) error { return r.end() }

// Shutdown is Stop when the machine goes down.
func (r *runner) Shutdown(kservice.Service) error { return r.end() }

func (r *runner) end() error {
	if r.done == nil {
		return nil
	}
	r.cancel()
	<-r.done
	return r.err
}

// EventLog gives a handler that also writes warnings and errors to the Windows event log, where a technician looks first. On
// other systems, or in the foreground, it gives next itself.
func EventLog(next slog.Handler) slog.Handler {
	if runtime.GOOS != "windows" || kservice.Interactive() {
		return next
	}
	s, err := kservice.New(&runner{}, &kservice.Config{Name: Name})
	if err != nil {
		return next
	}
	l, err := s.SystemLogger(nil)
	if err != nil {
		return next
	}
	return &eventLog{next: next, to: l}
}

// eventWriter is the event log.
type eventWriter interface {
	Warning(v ...any) error
	Error(v ...any) error
}

type eventLog struct {
	next slog.Handler
	to   eventWriter
	with []slog.Attr
}

// Enabled is as in next; warnings are always of interest.
func (h *eventLog) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn || h.next.Enabled(ctx, l)
}

// Handle writes a record to both.
func (h *eventLog) Handle(ctx context.Context, r slog.Record) error {
	var err error
	if h.next.Enabled(ctx, r.Level) {
		err = h.next.Handle(ctx, r.Clone())
	}
	if r.Level < slog.LevelWarn {
		return err
	}
	var b strings.Builder
	b.WriteString(r.Message)
	for _, a := range h.with {
		fmt.Fprintf(&b, "\n%s: %s", a.Key, a.Value)
	}
	r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&b, "\n%s: %s", a.Key, a.Value); return true })
	if r.Level >= slog.LevelError {
		return errors.Join(err, h.to.Error(b.String()))
	}
	return errors.Join(err, h.to.Warning(b.String()))
}

// WithAttrs adds to each record.
func (h *eventLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &eventLog{next: h.next.WithAttrs(attrs), to: h.to, with: append(h.with[:len(h.with):len(h.with)], attrs...)}
}

// WithGroup names what follows.
func (h *eventLog) WithGroup(name string) slog.Handler {
	return &eventLog{next: h.next.WithGroup(name), to: h.to, with: h.with}
}
