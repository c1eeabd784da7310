package printer

import (
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
)

const (
	// gap is the pause after which an unfinished reply is dropped: a frame's bytes follow each other, at 2400 baud
	// in 4 ms.
	gap = 200 * time.Millisecond
	// readDeadline bounds each read; past it the reader simply reads again.
	readDeadline = 30 * time.Second
	// writeDeadline is how long a write may take no byte before the writer looks whether it is still wanted.
	writeDeadline = 5 * time.Second
)

// A wire is one open link with its reader and writer: one epoch.
type wire struct {
	conn  link.Conn
	caps  link.Caps
	in    chan inbound
	out   chan outgoing
	wrote chan written
	gone  chan struct{} // closed by close
	done  chan struct{} // one token from each of reader and writer

	busy    bool          // a write is under way
	then    func(written) // takes its result; nil: nobody does
	whole   bool          // it is one request, of which a part is worse than nothing
	freeAt  time.Time     // when the line will have carried what was handed to it
	asb     bool          // automatic status came on this epoch
	asked   bool          // it was asked for outside of slips
	inOrder int           // GS r requests sent less answers; negative when bytes came that nobody asked for
}

// inbound is what the reader got: replies, or the error that ended it.
type inbound struct {
	replies []escpos.Reply
	at      time.Time
	err     error
}

// outgoing is one write: urgent when a printer that says busy is to get it too.
type outgoing struct {
	b      []byte
	urgent bool
}

// written is the result of one write: n bytes were taken, which may have reached the printer whatever err says.
type written struct {
	n    int
	err  error
	busy time.Duration // for how long on end the printer said busy meanwhile
}

func newWire(c link.Conn) *wire {
	w := &wire{
		conn:  c,
		caps:  c.Caps(),
		in:    make(chan inbound, 16),
		out:   make(chan outgoing, 1),
		wrote: make(chan written, 1),
		gone:  make(chan struct{}),
		done:  make(chan struct{}, 2),
	}
	go w.write()
	if w.caps.BackChannel {
		go w.read()
	} else {
		w.done <- struct{}{}
	}
	return w
}

// close ends the link and waits for its goroutines.
func (w *wire) close() error {
	close(w.gone)
	err := w.conn.Close()
	<-w.done
	<-w.done
	return err
}

// read takes replies apart until the link ends.
func (w *wire) read() {
	defer func() { w.done <- struct{}{} }()
	var d escpos.Demux
	buf := make([]byte, 512)
	for {
		patience := readDeadline
		if d.Partial() {
			patience = gap
		}
		err := w.conn.SetReadDeadline(time.Now().Add(patience))
		n := 0
		if err == nil {
			n, err = w.conn.Read(buf)
		}
		got := inbound{replies: d.Feed(buf[:n]), at: time.Now()}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			d.Gap()
		case err != nil:
			got.err = err
		}
		if len(got.replies) > 0 || got.err != nil {
			select {
			case w.in <- got:
			case <-w.gone:
				return
			}
		}
		if got.err != nil {
			return
		}
	}
}

// write hands bytes over, in order, each call once and with a deadline.
func (w *wire) write() {
	defer func() { w.done <- struct{}{} }()
	for {
		select {
		case o := <-w.out:
			send := w.conn.Write
			if u, ok := w.conn.(link.Urgent); ok && o.urgent {
				send = u.WriteUrgent
			}
			var r written
			if r.err = w.conn.SetWriteDeadline(time.Now().Add(writeDeadline)); r.err == nil {
				r.n, r.err = send(o.b)
			}
			if h, ok := w.conn.(link.Handshake); ok {
				r.busy = h.Busy()
			}
			w.wrote <- r // has room: one write at a time
		case <-w.gone:
			return
		}
	}
}

// start hands b to the writer. It must not be busy, and b must not change until the result came, which then takes.
func (w *wire) start(b []byte, then func(written)) {
	w.whole = false
	w.hand(outgoing{b: b}, then)
}

// request starts one short request; undo, which may be nil, is called when nothing of it could be sent in time. An urgent
// one, which must be a real-time request, passes a printer that says busy: it keeps room for it.
func (w *wire) request(b string, urgent bool, undo func()) {
	w.whole = true
	w.hand(outgoing{[]byte(b), urgent}, func(r written) {
		if r.n == 0 && undo != nil {
			undo()
		}
	})
}

func (w *wire) hand(o outgoing, then func(written)) {
	w.busy, w.then = true, then
	now := time.Now()
	if w.freeAt.Before(now) {
		w.freeAt = now
	}
	w.freeAt = w.freeAt.Add(w.lineTime(len(o.b)))
	w.out <- o
}

// lineTime is how long n bytes take on the line; nothing on a line faster than any printer.
func (w *wire) lineTime(n int) time.Duration {
	if w.caps.BitsPerSec <= 0 {
		return 0
	}
	return time.Duration(n*w.caps.BitsPerByte) * time.Second / time.Duration(w.caps.BitsPerSec)
}
