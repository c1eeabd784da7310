package printer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
)

// An Identity says which device is to answer at an address, so that a slip does not come out of another one that has taken the
// address. A model identifies nobody, and clones give an Epson's name.
type Identity struct {
	Kind  string // mac: of the network; usb: the USB serial number; serial: what the printer itself says (GS I 68)
	Value string
}

// ErrIdentity is wrapped by ParseIdentity.
var ErrIdentity = errors.New(`an identity is "mac:00:26:ab:01:02:03", "usb:SERIAL" or "serial:NUMBER"`)

// ParseIdentity reads KIND:VALUE.
func ParseIdentity(s string) (Identity, error) {
	kind, value, _ := strings.Cut(s, ":")
	value = strings.TrimSpace(value)
	switch kind {
	case "mac":
		mac, err := net.ParseMAC(value)
		if err != nil {
			return Identity{}, fmt.Errorf("%w, not %q", ErrIdentity, s)
		}
		return Identity{kind, mac.String()}, nil
	case "usb", "serial":
		if value != "" {
			return Identity{kind, value}, nil
		}
	}
	return Identity{}, fmt.Errorf("%w, not %q", ErrIdentity, s)
}

// A StrangerError says that another device answers at the address, or one that does not say who it is. It was sent nothing of a slip.
type StrangerError struct {
	Want Identity
	Got  string // "" when it does not tell
	Err  error  // why it does not tell; may be nil
}

func (e *StrangerError) Error() string {
	switch {
	case e.Got != "":
		return fmt.Sprintf("another device is there: %s %s, not %s", e.Want.Kind, e.Got, e.Want.Value)
	case e.Err != nil:
		return fmt.Sprintf("it is not known which device is there (%s): %v", e.Want.Kind, e.Err)
	}
	return fmt.Sprintf("it is not known which device is there: it does not tell its %s number", e.Want.Kind)
}

// Unwrap gives the reason.
func (e *StrangerError) Unwrap() error { return e.Err }

// Identified gives an open that ends each new link to another device with a *StrangerError, before anything else is sent on it.
func Identified(device string, want Identity, prof *profile.Profile, open func(context.Context) (link.Conn, error)) func(context.Context) (link.Conn, error) {
	return func(ctx context.Context) (link.Conn, error) {
		conn, err := open(ctx)
		if err != nil {
			return nil, err
		}
		got, err := identify(ctx, device, want.Kind, prof, conn)
		if err == nil && strings.EqualFold(got, want.Value) {
			return conn, nil
		}
		return nil, errors.Join(&StrangerError{want, got, err}, conn.Close())
	}
}

func identify(ctx context.Context, device, kind string, prof *profile.Profile, conn link.Conn) (string, error) {
	switch kind {
	case "mac":
		mac, err := link.HardwareAddr(conn)
		return mac.String(), err
	case "usb":
		d, err := link.Parse(device)
		if err != nil {
			return "", err
		}
		return link.USBSerial(d)
	}
	question := escpos.AskSerial
	if prof.Select {
		question = escpos.Select + question
	}
	return askSerial(ctx, conn, question)
}

const (
	serialTime = 1500 * time.Millisecond // for the answer to GS I, which is given in order
	serialPad  = 1024                    // zeros that end a command which another program may have left unfinished
)

// askSerial asks for the serial number, and once more behind zeros. A printer that is offline does not answer.
func askSerial(ctx context.Context, conn link.Conn, question string) (string, error) {
	for _, pad := range []int{0, serialPad} {
		end := time.Now().Add(serialTime)
		if limit, ok := ctx.Deadline(); ok {
			end = sooner(end, limit)
		}
		if err := errors.Join(conn.SetWriteDeadline(end), conn.SetReadDeadline(end)); err != nil {
			return "", err
		}
		if _, err := conn.Write(append(make([]byte, pad, pad+8), question...)); err != nil {
			return "", err
		}
		serial, err := readWords(conn)
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return serial, err
		}
	}
	return "", nil
}

// readWords reads until a text came.
func readWords(conn link.Conn) (string, error) {
	var d escpos.Demux
	buf := make([]byte, 256)
	for {
		n, err := conn.Read(buf)
		for _, r := range d.Feed(buf[:n]) {
			if r.Kind == escpos.Words {
				return strings.TrimSpace(r.Text), nil
			}
		}
		if err != nil {
			return "", err
		}
	}
}
