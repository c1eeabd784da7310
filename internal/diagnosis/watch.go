package diagnosis

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

// A Watch stands beside the link of one printer and knows why it is not there. It changes nothing on the way: what is sent and
// said passes as it is.
type Watch struct {
	// Sort names the cause of an error that is not the link's; "" for one that is. It may be nil. Set it before the first Open.
	Sort func(error) Cause

	device, printer string
	log             *slog.Logger
	holder          func(path string) (Holder, bool)

	raw func(context.Context, string) (link.Conn, error)

	mu       sync.Mutex // guards what follows
	trouble  Diagnosis  // why the last open failed; the zero value when it did not
	told     Cause      // what the log was told of last
	conn     link.Conn  // the link that was opened last; it may be closed
	stranger string     // what answers there, when it is no printer
	lit      bool       // a modem line was seen on since this began: the cable has one
	spoke    bool       // the printer has answered since this began
	speed    int        // at which a printer answered that never did at its own; 0: none found
	tried    time.Time  // when other speeds were tried last
}

// NewWatch watches one printer. log may be nil.
func NewWatch(printer, device string, log *slog.Logger) *Watch {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Watch{device: device, printer: printer, log: log.With(slog.String("printer", printer)), holder: WhoHas, raw: openRaw}
}

// Open wraps a function that opens the link. A failure is diagnosed and told to the log when its cause is another than before.
func (w *Watch) Open(open func(context.Context) (link.Conn, error)) func(context.Context) (link.Conn, error) {
	return func(ctx context.Context) (link.Conn, error) {
		w.otherSpeed(ctx)
		conn, err := open(ctx)
		if err != nil {
			if !errors.Is(ctx.Err(), context.Canceled) {
				w.failed(w.sorted(err))
			}
			return nil, err
		}
		return w.opened(conn), nil
	}
}

func openRaw(ctx context.Context, device string) (link.Conn, error) {
	return link.Open(ctx, device, link.Options{})
}

// How long other speeds are waited for, and how often they are tried.
const (
	speedTime  = 400 * time.Millisecond // for an answer at one of them
	speedsEach = 2 * time.Minute
)

// otherSpeed tries whether a printer on a serial line, which was open before and never answered, does so at another speed. It is
// called between two links: nobody else has the line then, and no slip was ever begun on it.
func (w *Watch) otherSpeed(ctx context.Context) {
	w.mu.Lock()
	silent := w.told == NoAnswer || w.told == Dark || w.told == WrongSpeed
	wanted := silent && !w.spoke && (w.tried.IsZero() || time.Since(w.tried) > speedsEach)
	if wanted {
		w.tried = time.Now()
	}
	w.mu.Unlock()
	if !wanted {
		return
	}
	baud, _, _ := OtherSpeed(ctx, w.device, speedTime, w.raw)
	w.mu.Lock()
	w.speed = baud
	w.mu.Unlock()
	if baud != 0 {
		w.Tell(w.Silence())
	}
}

// Answered notes that the printer is there: it has answered, or is one that is never asked.
func (w *Watch) Answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoke, w.speed = true, 0
}

// sorted puts an error into words.
func (w *Watch) sorted(err error) Diagnosis {
	d := Of(w.device, err, Options{Printer: w.printer, Holder: w.holder})
	if w.Sort == nil {
		return d
	}
	if c := w.Sort(err); c != "" {
		device, _ := link.Parse(w.device) // it was opened
		d = Case{Device: device, Cause: c, Printer: w.printer}.Diagnosis()
		d.Err = err.Error()
	}
	return d
}

func (w *Watch) failed(d Diagnosis) {
	w.mu.Lock()
	w.trouble, w.conn = d, nil
	w.mu.Unlock()
	w.Tell(d)
}

func (w *Watch) opened(conn link.Conn) link.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d, err := link.Parse(w.device); err == nil && d.Scheme == link.TCP {
		conn = &listener{Conn: conn, w: w}
	}
	w.trouble, w.conn, w.stranger = Diagnosis{}, conn, ""
	return conn
}

// Tell tells the log of a trouble once, and when it is over (the zero value).
func (w *Watch) Tell(d Diagnosis) {
	w.mu.Lock()
	was := w.told
	w.told = d.Cause
	w.mu.Unlock()
	switch d.Cause {
	case was:
	case "":
		w.log.Info("the printer is back", "cause", was)
	default:
		w.log.Warn("the printer cannot be used", "cause", d.Cause, "what", d.What.En, "fix", d.Fix.En, "err", d.Err)
	}
}

// Trouble is why the last open failed; the zero value when the link is there, or was never asked for. It does not block.
func (w *Watch) Trouble() Diagnosis {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

// Silence says why a printer whose link is open does not answer.
func (w *Watch) Silence() Diagnosis {
	d, err := link.Parse(w.device)
	if err != nil {
		return Of(w.device, err, Options{Printer: w.printer})
	}
	w.mu.Lock()
	c := Case{Device: d, Cause: NoAnswer, Printer: w.printer, Detail: w.stranger}
	speed := w.speed
	w.mu.Unlock()
	dark, _ := w.Dark()
	switch {
	case speed != 0:
		c.Cause, c.Detail = WrongSpeed, strconv.Itoa(speed)
	case c.Detail != "":
		c.Cause = OtherService
	case dark:
		c.Cause = Dark
	}
	return c.Diagnosis()
}

// Dark says whether no modem line of an open serial line is on, and whether that surely means that nothing is on at its other end:
// the flow control needs a line, or one was on before. It is false for every other link. It does not block.
func (w *Watch) Dark() (dark, sure bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.conn.(link.Signalled)
	if !ok {
		return false, false
	}
	lines, err := s.Signals()
	if err != nil {
		return false, false
	}
	if !lines.Dark() {
		w.lit = true
		return false, false
	}
	d, err := link.Parse(w.device)
	return true, w.lit || err == nil && (d.Flow == link.FlowDTR || d.Flow == link.FlowRTS)
}

// A listener looks at the first thing that is said on a network link.
type listener struct {
	link.Conn
	w     *Watch
	first []byte // what was said so far, at most as much as tells
	over  bool
}

// Write is the link's.
func (l *listener) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.w.lost(l, err)
	return n, err
}

// lost notes why the link that is in use went.
func (w *Watch) lost(conn link.Conn, err error) {
	if err == nil || !errors.Is(err, link.ErrLost) || errors.Is(err, link.ErrEnded) {
		return
	}
	d := w.sorted(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == conn {
		w.trouble = d
	}
}

// services are how what is no printer begins to speak.
var services = []struct{ begin, name string }{{"HTTP/", "HTTP"}, {"SSH-", "SSH"}, {"220 ", "SMTP/FTP"}, {"220-", "SMTP/FTP"}, {"<!DOCTYPE", "HTTP"}, {"<html", "HTTP"},
	{"\x15\x03", "TLS"}, {"\xff\xfb", "telnet"}, {"\xff\xfd", "telnet"}, {"RFB ", "VNC"}}

// Read is the link's. Only one goroutine reads.
func (l *listener) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.w.lost(l, err)
	if n > 0 && !l.over {
		l.first = append(l.first, p[:min(n, 16-len(l.first))]...)
		l.over = len(l.first) >= 16
		if name := Service(l.first); name != "" {
			l.over = true
			l.w.mu.Lock()
			l.w.stranger = name
			l.w.mu.Unlock()
		}
	}
	return n, err
}

// Service names the service that begins to speak so; "" for what may be a printer.
func Service(said []byte) string {
	for _, s := range services {
		if bytes.HasPrefix(said, []byte(s.begin)) {
			return s.name
		}
	}
	return ""
}
