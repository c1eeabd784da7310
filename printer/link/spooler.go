package link

import "context"

// spooler is the part of winspool that raw printing needs: the seam at which it is tested without Windows.
type spooler interface {
	open(queue string) (handle uintptr, err error)
	startDoc(h uintptr, title string) error // data type RAW, and its one page
	write(h uintptr, p []byte) (int, error)
	endDoc(h uintptr) error // hands the document to the printer
	abort(h uintptr) error  // deletes the document, also under a write
	close(h uintptr) error
}

// spoolDev is one print queue. Bytes up to a Flush are one document; the spooler keeps it until then, and later tells
// nothing: a full queue of a printer that is switched off looks like success. So there is no back channel and no proof.
type spoolDev struct {
	sys  spooler
	h    uintptr
	open bool // a document is begun; used by the writer, and by Close after it ended
}

const (
	docTitle   = "receiptd"
	spoolPiece = 4096
	spoolStuck = "the Windows print spooler does not take the data"
)

func openQueue(sys spooler, d Device) (Conn, error) {
	h, err := sys.open(d.Queue)
	if err != nil {
		return nil, openError(d, err)
	}
	t := newThreaded(&spoolDev{sys: sys, h: h}, spoolPiece, false)
	return &threadedConn{engine: engine{name: d.String(), raw: t}, t: t, hint: spoolStuck}, nil
}

func (s *spoolDev) Read([]byte) (int, error) { return 0, ErrNoBackChannel }

func (s *spoolDev) Write(p []byte) (int, error) {
	if !s.open {
		if err := s.sys.startDoc(s.h, docTitle); err != nil {
			return 0, err
		}
		s.open = true
	}
	return s.sys.write(s.h, p)
}

func (s *spoolDev) Flush() error {
	if !s.open {
		return nil
	}
	s.open = false
	return s.sys.endDoc(s.h)
}

func (s *spoolDev) Abort() error { return s.sys.abort(s.h) }

// Close deletes a document that no Flush ended; it may be deleted already.
func (s *spoolDev) Close() error {
	if s.open {
		_ = s.sys.abort(s.h)
	}
	return s.sys.close(s.h)
}

// scanQueues lists print queues. That one opens does not say that its printer is there.
func scanQueues(ctx context.Context, sys spooler, names []string, err error) (out []Found) {
	what := Words{ZH: "Windows 打印队列(不回报状态,只能确认已发送)", EN: "Windows print queue (tells no status: sent is all that can be known)"}
	if err != nil {
		return []Found{found(Device{Scheme: Windows}, what, err)}
	}
	for _, n := range names {
		if ctx.Err() != nil {
			return out
		}
		d := Device{Scheme: Windows, Queue: n}
		h, err := sys.open(n)
		if err == nil {
			err = sys.close(h)
		}
		out = append(out, found(d, what, err))
	}
	return out
}
