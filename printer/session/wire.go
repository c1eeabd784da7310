// Package session is one open link to a printer: it sends, receives, pairs each reply with its question, and keeps the transcript of the
// slip under way. It knows no rule: what a reply means, and what is sent next, is for others to say.
//
// A Wire owns the link and starts a reader, a writer, and on USB one who asks the port; Close waits for them. A Book is plain data and starts nothing.
// Nothing is kept over a crash.
package session

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
	// glance is for what has come already.
	glance = 20 * time.Millisecond
	// readDeadline bounds each read; past it the reader simply reads again.
	readDeadline = 30 * time.Second
	// writeDeadline is how long a write may take no byte before the writer looks whether it is still wanted.
	writeDeadline = 5 * time.Second
	// slept is how late a deadline must be told for that this process slept.
	slept = 500 * time.Millisecond
)

// A Wire is one open link with its reader and writer: one epoch.
type Wire struct {
	conn  link.Conn
	in    chan Inbound
	out   chan outgoing
	wrote chan Written
	ask   chan struct{}
	port  chan Port
	gone  chan struct{} // closed by Close
	done  chan struct{} // one token from each goroutine
}

// Inbound is what the reader got: replies, or the error that ended it.
type Inbound struct {
	Replies []escpos.Reply
	At      time.Time
	Err     error
}

// Written is the result of one write: N bytes were taken, which may have reached the printer whatever Err says.
type Written struct {
	N    int
	Err  error
	Busy []link.Stand // when the printer said busy meanwhile
}

// A Port is the status byte of a USB printer-class port, or why it cannot be had.
type Port struct {
	Status byte
	Err    error
}

// outgoing is one write: urgent when a printer that says busy is to get it too. With drain set nothing is written: it waits until
// what was written before has left.
type outgoing struct {
	b      []byte
	urgent bool
	drain  time.Time
}

// New starts reader and writer on c, which the Wire owns from now on, and one who asks for the port's status where the link offers that.
func New(c link.Conn) *Wire {
	w := &Wire{
		conn:  c,
		in:    make(chan Inbound, 16),
		out:   make(chan outgoing, 1),
		wrote: make(chan Written, 1),
		ask:   make(chan struct{}, 1),
		port:  make(chan Port, 1),
		gone:  make(chan struct{}),
		done:  make(chan struct{}, 3),
	}
	go w.write()
	if p, ok := c.(link.PortStatus); ok {
		go w.askPort(p)
	} else {
		w.done <- struct{}{}
	}
	if c.Caps().BackChannel {
		go w.read()
	} else {
		w.done <- struct{}{}
	}
	return w
}

// Conn is the link, for what it offers besides bytes.
func (w *Wire) Conn() link.Conn { return w.conn }

// In gives what comes back.
func (w *Wire) In() <-chan Inbound { return w.in }

// Wrote gives the result of each Send and Drain.
func (w *Wire) Wrote() <-chan Written { return w.wrote }

// Send hands b to the writer and does not block. Nothing may be under way, and b must not change until its result came.
func (w *Wire) Send(b []byte, urgent bool) { w.out <- outgoing{b: b, urgent: urgent} }

// AskPort asks for the port's status and does not block; the answer comes over Port. No other question may be open, and the link must
// offer it. It passes a write that the printer does not take.
func (w *Wire) AskPort() { w.ask <- struct{}{} }

// Port gives the answer to each AskPort.
func (w *Wire) Port() <-chan Port { return w.port }

// Drain waits, on the writer, until what was sent has left. Like Send it does not block, and its result comes the same way.
func (w *Wire) Drain(deadline time.Time) { w.out <- outgoing{drain: deadline} }

// Close ends the link and waits for its goroutines.
func (w *Wire) Close() error {
	close(w.gone)
	err := w.conn.Close()
	for range cap(w.done) {
		<-w.done
	}
	return err
}

// askPort asks for the port's status when that is wanted.
func (w *Wire) askPort(p link.PortStatus) {
	defer func() { w.done <- struct{}{} }()
	for {
		select {
		case <-w.ask:
			b, err := p.PortStatus()
			w.port <- Port{b, err} // has room: one question at a time
		case <-w.gone:
			return
		}
	}
}

// read takes replies apart until the link ends.
func (w *Wire) read() {
	defer func() { w.done <- struct{}{} }()
	var d escpos.Demux
	buf := make([]byte, 512)
	again := false // the gap is over, and it is read once more: the rest of a reply may have come while this process slept
	for {
		patience := readDeadline
		switch {
		case again:
			patience = glance
		case d.Partial():
			patience = gap
		}
		err := w.conn.SetReadDeadline(time.Now().Add(patience))
		n := 0
		if err == nil {
			n, err = w.conn.Read(buf)
		}
		got := Inbound{Replies: d.Feed(buf[:n]), At: time.Now()}
		over := errors.Is(err, os.ErrDeadlineExceeded)
		switch again = over && n == 0 && d.Partial() && !again; {
		case again:
		case over:
			d.Gap()
		case err != nil:
			got.Err = err
		}
		if len(got.Replies) > 0 || got.Err != nil {
			select {
			case w.in <- got:
			case <-w.gone:
				return
			}
		}
		if got.Err != nil {
			return
		}
	}
}

// write hands bytes over, in order, each call once and with a deadline.
func (w *Wire) write() {
	defer func() { w.done <- struct{}{} }()
	for {
		select {
		case o := <-w.out:
			var r Written
			if o.b == nil {
				r.Err = w.conn.Drain(o.drain)
			} else {
				r = w.send(o)
			}
			w.wrote <- r // has room: one write at a time
		case <-w.gone:
			return
		}
	}
}

func (w *Wire) send(o outgoing) (r Written) {
	send := w.conn.Write
	if u, ok := w.conn.(link.Urgent); ok && o.urgent {
		send = u.WriteUrgent
	}
	for again := true; again; {
		by := time.Now().Add(writeDeadline)
		if r.Err = w.conn.SetWriteDeadline(by); r.Err != nil {
			break
		}
		var n int
		n, r.Err = send(o.b[r.N:])
		r.N += n
		again = errors.Is(r.Err, os.ErrDeadlineExceeded) && time.Since(by) > slept // it was not the line that took nothing
	}
	if h, ok := w.conn.(link.Handshake); ok {
		r.Busy = h.Busy()
	}
	return r
}
