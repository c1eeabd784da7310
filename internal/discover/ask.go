package discover

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
)

// How long an answer may take. A stranger that is silent is left alone soon.
const (
	greeting   = 250 * time.Millisecond // for what speaks first: no receipt printer does, but with a frame of automatic status
	answerTime = 900 * time.Millisecond
	quiet      = 100 * time.Millisecond // after an answer: a printer says no more, a web server does
	mostSaid   = 4 << 10
)

// GS I n: model and maker (Epson programming guide).
const (
	askModel = "\x1dIC"
	askMaker = "\x1dIB"
)

// ask finds out what answers, in the order that is safe with strangers; each step only after a plausible answer to the one before.
func ask(conn link.Conn, d *Device) {
	d.Kind = Other
	if n, ok := statusIn(exchange(conn, "", greeting, nil)); !ok || n > 0 {
		return
	}
	answered := func(said []byte) bool { n, ok := statusIn(said); return !ok || n > 0 }
	said := exchange(conn, string(escpos.AppendStatus(nil, escpos.AskPrinter)), answerTime, answered)
	switch n, ok := statusIn(said); {
	case !ok, n > 1:
		return
	case n == 0:
		d.Kind = Silent
		return
	}
	d.Kind, d.Tier = Printer, "C"
	words := func(q string) string {
		r, _ := reply(exchange(conn, q, answerTime, func(said []byte) bool { _, ok := reply(said, escpos.Words); return ok }), escpos.Words)
		return clean(r.Text)
	}
	if d.Model = words(askModel); d.Model == "" {
		return // it may be offline, or know no GS I: no more bytes
	}
	d.Maker, d.Serial = words(askMaker), words(escpos.AskSerial)
	inOrder := func(said []byte) bool { _, ok := reply(said, escpos.InOrder); return ok }
	if inOrder(exchange(conn, escpos.AskPaper, answerTime, inOrder)) {
		d.Tier = "B"
	}
}

// exchange sends bytes and gives what comes back within a time; after enough it waits only for a moment more.
func exchange(conn link.Conn, bytes string, limit time.Duration, enough func(said []byte) bool) (said []byte) {
	end := time.Now().Add(limit)
	if bytes != "" {
		if conn.SetWriteDeadline(end) != nil {
			return nil
		}
		if _, err := conn.Write([]byte(bytes)); err != nil {
			return nil
		}
	}
	buf := make([]byte, 512)
	for len(said) < mostSaid {
		if conn.SetReadDeadline(end) != nil {
			return said
		}
		n, err := conn.Read(buf)
		said = append(said, buf[:n]...)
		if err != nil {
			return said
		}
		if enough != nil && enough(said) {
			end, enough = time.Now().Add(quiet), nil
		}
	}
	return said
}

// statusIn counts the answers to DLE EOT in what a device said; false when it said anything but those, flow control and automatic
// status, as no receipt printer does. Of an answer bits 0, 1, 4 and 7 are 0, 1, 1, 0, of the first of four bytes of automatic status 0,
// 0, 1, 0 (Epson programming guide, DLE EOT, GS a).
func statusIn(said []byte) (count int, ok bool) {
	for i := 0; i < len(said); i++ {
		switch c := said[i]; {
		case c == 0x11 || c == 0x13:
		case c&0x93 == 0x10:
			i += 3
		case c&0x93 == 0x12:
			count++
		default:
			return count, false
		}
	}
	return count, true
}

// reply finds the first reply of a kind.
func reply(said []byte, kind escpos.Kind) (escpos.Reply, bool) {
	var dm escpos.Demux
	for _, r := range dm.Feed(said) {
		if r.Kind == kind {
			return r, true
		}
	}
	return escpos.Reply{}, false
}
