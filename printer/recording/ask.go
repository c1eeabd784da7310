package recording

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/receiptd/receiptd/printer/link"
)

const (
	firstByte = time.Second            // how long a printer may take to begin an answer
	quiet     = 100 * time.Millisecond // after so much silence an answer is over
)

// questions are what a printer is asked one by one, so that each answer is told from the others: real-time status, identity,
// paper and drawer in order, automatic status on and off again.
var questions = []string{
	"\x10\x04\x01", "\x10\x04\x02", "\x10\x04\x03", "\x10\x04\x04",
	"\x1dI\x01", "\x1dI\x02", "\x1dI\x03", "\x1dIA", "\x1dIB", "\x1dIC", "\x1dID", "\x1dIE",
	"\x1dr\x01", "\x1dr\x02", "\x1da\xff", "\x1da\x00",
}

// Ask puts the questions over a link of its own. It takes no paper. An error is of the link; silence is an answer too.
func Ask(ctx context.Context, open func(context.Context) (link.Conn, error)) error {
	c, err := open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if !c.Caps().BackChannel {
		return nil
	}
	if err := listen(c, quiet); err != nil { // what it says of itself when a link opens
		return err
	}
	for _, q := range questions {
		if err := c.SetWriteDeadline(time.Now().Add(firstByte)); err != nil {
			return err
		}
		if _, err := c.Write([]byte(q)); err != nil {
			return err
		}
		wait := firstByte
		if q[len(q)-1] == 0 { // off again: no answer
			wait = quiet
		}
		if err := listen(c, wait); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return c.Drain(time.Now().Add(firstByte))
}

// listen reads until nothing more comes.
func listen(c link.Conn, first time.Duration) error {
	buf := make([]byte, 256)
	for wait := first; ; wait = quiet {
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
		if _, err := c.Read(buf); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
