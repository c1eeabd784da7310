package diagnosis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

const (
	quietTime = 60 * time.Millisecond // nothing may follow an answer for so long
	maxSaid   = 256                   // bytes that come back to one question at most
)

// speeds are tried on a silent serial line, the usual ones first.
var speeds = []int{9600, 115200, 38400, 19200, 57600, 4800, 2400}

// ErrBlocked says that the line took no byte: flow control holds it.
var ErrBlocked = errors.New("the line takes no bytes")

// errBabble says that what answers is no printer, or is heard at the wrong speed.
var errBabble = errors.New("more came back than an answer")

// A ServiceError names what answers and is no printer.
type ServiceError string

func (e ServiceError) Error() string { return "no printer answers but " + string(e) }

// Ask puts the real-time question DLE EOT n on an open link that nobody else uses, and waits for its answer: one byte, and nothing
// else but flow control and automatic status. A network device that is no printer, and noise at a wrong speed, say more.
func Ask(conn link.Conn, n byte, limit time.Duration) (byte, error) {
	end := time.Now().Add(limit)
	if err := errors.Join(conn.SetWriteDeadline(end), conn.SetReadDeadline(end)); err != nil {
		return 0, fmt.Errorf("ask the printer: %w", err)
	}
	if _, err := conn.Write([]byte{0x10, 0x04, n}); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, ErrBlocked
		}
		return 0, fmt.Errorf("ask the printer: %w", err)
	}
	var said []byte
	buf := make([]byte, 256)
	for len(said) < maxSaid {
		m, err := conn.Read(buf)
		said = append(said, buf[:m]...)
		if name := Service(said); name != "" {
			return 0, ServiceError(name)
		}
		if b, ok := answer(said); ok && errors.Is(err, os.ErrDeadlineExceeded) {
			return b, nil
		}
		if err != nil {
			return 0, fmt.Errorf("wait for the printer's answer: %w", err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(quietTime)); err != nil {
			return 0, fmt.Errorf("wait for the printer's answer: %w", err)
		}
	}
	return 0, errBabble
}

// answer takes the answer out of what a printer said: XON, XOFF and automatic status (four bytes, of which the first has bits 0,
// 1, 4 and 7 as 0, 0, 1, 0) may stand around it. In the answer these bits are 0, 1, 1, 0 (Epson programming guide, DLE EOT, GS a).
func answer(said []byte) (byte, bool) {
	var b byte
	count := 0
	for i := 0; i < len(said); i++ {
		switch c := said[i]; {
		case c == 0x11 || c == 0x13:
		case c&0x93 == 0x10:
			i += 3
		case c&0x93 == 0x12:
			b = c
			count++
		default:
			return 0, false
		}
	}
	return b, count == 1
}

// OtherSpeed looks for a printer that answers at another speed than its device says, on a serial line that nobody else uses. limit
// is for an answer at one speed. With the speed comes the device as it ought to be; false when there is none.
func OtherSpeed(ctx context.Context, device string, limit time.Duration, open func(context.Context, string) (link.Conn, error)) (baud int, other string, ok bool) {
	d, err := link.Parse(device)
	if err != nil || d.Scheme != link.Serial {
		return 0, "", false
	}
	for _, baud := range speeds {
		if baud == d.Baud || ctx.Err() != nil {
			continue
		}
		other := With(device, "baud", strconv.Itoa(baud))
		conn, err := open(ctx, other)
		if err != nil {
			continue
		}
		_, err = Ask(conn, 1, limit) // is it there
		_ = conn.Close()             // what it sent is of no use to anybody
		if err == nil {
			return baud, other, true
		}
		if errors.Is(err, ErrBlocked) {
			break
		}
	}
	return 0, "", false
}

// With gives a device with one parameter changed.
func With(device, key, value string) string {
	base, query, _ := strings.Cut(device, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Set(key, value)
	return base + "?" + q.Encode()
}
