package daemon

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
)

// deadLine is a serial line over which nothing ever comes.
type deadLine struct {
	lines link.Signals
	over  chan struct{}
	once  sync.Once
}

func (d *deadLine) Read([]byte) (int, error)         { <-d.over; return 0, errors.Join(link.ErrLost) }
func (d *deadLine) Write(p []byte) (int, error)      { return len(p), nil }
func (d *deadLine) SetReadDeadline(time.Time) error  { return nil }
func (d *deadLine) SetWriteDeadline(time.Time) error { return nil }
func (d *deadLine) Drain(time.Time) error            { return nil }
func (d *deadLine) Close() error                     { d.once.Do(func() { close(d.over) }); return nil }
func (d *deadLine) Caps() link.Caps {
	return link.Caps{BackChannel: true, BitsPerSec: 9600, BitsPerByte: 10}
}
func (d *deadLine) Signals() (link.Signals, error) { return d.lines, nil }

// Why a printer cannot be used is told by its state, with what to do, and once in the log. Causes do not read alike.
func TestTroubleIsTold(t *testing.T) {
	const port = "serial:///dev/ttyUSB0"
	dead := func(on link.Signals) func(context.Context) (link.Conn, error) {
		return func(context.Context) (link.Conn, error) { return &deadLine{lines: on, over: make(chan struct{})}, nil }
	}
	fails := func(err error) func(context.Context) (link.Conn, error) {
		return func(context.Context) (link.Conn, error) { return nil, err }
	}
	for _, row := range []struct {
		name   string
		device string
		proof  string
		open   func(context.Context) (link.Conn, error)
		state  printer.Readiness
		cause  diagnosis.Cause
		text   string
	}{
		{"permission", port, "", fails(syscall.EACCES), printer.Down, diagnosis.Permission, "may not open the device"},
		{"sandbox", port, "", fails(syscall.EPERM), printer.Down, diagnosis.Sandbox, "DeviceAllow"},
		{"busy", port, "", fails(syscall.EBUSY), printer.Down, diagnosis.Busy, "another program"},
		{"unplugged", port, "", fails(syscall.ENOENT), printer.Down, diagnosis.NotFound, "adapter"},
		{"refused", "tcp://10.0.0.9", "", fails(syscall.ECONNREFUSED), printer.Down, diagnosis.Refused, "no printer answers on that port"},
		{"stranger", "tcp://10.0.0.9", "", fails(&printer.StrangerError{}), printer.Down, diagnosis.Stranger, "Another device"},
		{"no answer", port, "", dead(link.Signals{DSR: true}), printer.Down, diagnosis.NoAnswer, "its speed is not 9600"},
		{"all lines low", port, "", dead(link.Signals{}), printer.Down, diagnosis.Dark, "no signal"},
		{"all lines low, never asked", port, "D", dead(link.Signals{}), printer.Down, diagnosis.Dark, "no signal"},
		{"three wires, never asked", port + "?flow=none", "D", dead(link.Signals{}), printer.Unknown, diagnosis.Dark, "three wires"},
		{"a line is on, never asked", port, "D", dead(link.Signals{DSR: true}), printer.Ready, "", "Ready"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				s, err := newStation(config.Printer{Name: "front", Device: row.device, Profile: "epson-tm-t88", Proof: row.proof}, slog.New(slog.NewTextHandler(&log, nil)))
				if err != nil {
					t.Fatal(err)
				}
				s.printer = printer.New(printer.Config{Name: "front", Device: row.device, Profile: s.profile, Proof: row.proof, Open: s.watch.Open(row.open), OnChange: s.tell})
				ctx, cancel := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { _ = s.printer.Run(ctx) })
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				st := s.status()
				n := strings.Count(log.String(), "WARN")
				cancel()
				running.Wait()
				if st.State != row.state || st.Cause != string(row.cause) || !strings.Contains(strings.ToLower(st.Text.En), strings.ToLower(row.text)) || (row.cause != "") != (st.Fix.Zh != "" && st.What.Zh != "") {
					t.Errorf("%+v", st)
				}
				if row.cause != "" && row.state == printer.Down && (n != 1 || !strings.Contains(log.String(), "cause="+string(row.cause))) {
					t.Errorf("told %d times in the log:\n%s", n, log.String())
				}
			})
		})
	}
}
