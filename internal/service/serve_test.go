package service

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// The service manager's stop ends what runs, waits for it, and gives its error.
func TestRunner(t *testing.T) {
	want := errors.New("broken")
	ended := false
	r := &runner{ctx: t.Context(), run: func(ctx context.Context) error { <-ctx.Done(); ended = true; return want }}
	if err := r.Start(nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Stop(nil); !errors.Is(err, want) || !ended {
		t.Errorf("stop gave %v, ended %v", err, ended)
	}
	if err := (&runner{}).Shutdown(nil); err != nil {
		t.Errorf("shutdown before start: %v", err)
	}
}

type events struct{ warnings, errors []string }

func (e *events) Warning(v ...any) error { e.warnings = append(e.warnings, v[0].(string)); return nil }
func (e *events) Error(v ...any) error   { e.errors = append(e.errors, v[0].(string)); return nil }

// Warnings and errors reach the event log with what they are about, also where the file's level is higher; the rest does not.
func TestEventLog(t *testing.T) {
	var file bytes.Buffer
	var e events
	log := slog.New(&eventLog{next: slog.NewTextHandler(&file, &slog.HandlerOptions{Level: slog.LevelError}), to: &e}).With("printer", "front")
	log.Info("running")
	log.Warn("paper is low", "left", 3)
	log.Error("no paper")
	if len(e.warnings) != 1 || e.warnings[0] != "paper is low\nprinter: front\nleft: 3" || len(e.errors) != 1 {
		t.Errorf("event log: %q %q", e.warnings, e.errors)
	}
	if text := file.String(); strings.Contains(text, "paper is low") || !strings.Contains(text, "no paper") {
		t.Errorf("file:\n%s", text)
	}
}
