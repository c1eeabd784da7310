package disk

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Serve is the server's side of the NBD protocol (fixed newstyle, one export; nbd's doc/proto.md) on c, until the client ends it.
func (d *Disk) Serve(c io.ReadWriteCloser) error {
	defer c.Close()
	if err := d.negotiate(c); err != nil {
		return err
	}
	be := binary.BigEndian
	var h [28]byte
	for {
		if _, err := io.ReadFull(c, h[:]); err != nil {
			return err
		}
		off, n := int64(be.Uint64(h[16:])), be.Uint32(h[24:])
		out := be.AppendUint32(nil, 0x67446698)
		out = append(be.AppendUint32(out, 0), h[8:16]...)
		switch be.Uint16(h[6:]) {
		case 0:
			b := make([]byte, n)
			d.ReadAt(b, off)
			out = append(out, b...)
		case 1:
			b := make([]byte, n)
			if _, err := io.ReadFull(c, b); err != nil {
				return err
			}
			d.WriteAt(b, off)
		case 2:
			return nil
		case 3:
			d.Flush()
		default:
			be.PutUint32(out[4:], 22)
		}
		if _, err := c.Write(out); err != nil {
			return err
		}
	}
}

// negotiate answers options until the client goes over to the disk.
func (d *Disk) negotiate(c io.ReadWriter) error {
	be := binary.BigEndian
	if _, err := io.WriteString(c, "NBDMAGICIHAVEOPT\x00\x03"); err != nil {
		return err
	}
	var flags [4]byte
	if _, err := io.ReadFull(c, flags[:]); err != nil {
		return err
	}
	const canFlush = 1 | 1<<2 // no FUA: the client flushes instead
	export := be.AppendUint16(be.AppendUint64(nil, uint64(d.size)), canFlush)
	for {
		var h [16]byte
		if _, err := io.ReadFull(c, h[:]); err != nil {
			return err
		}
		option := be.Uint32(h[8:])
		if _, err := io.CopyN(io.Discard, c, int64(be.Uint32(h[12:]))); err != nil {
			return err
		}
		reply := func(kind uint32, p []byte) error {
			b := be.AppendUint32(be.AppendUint64(nil, 0x3e889045565a9), option)
			b = be.AppendUint32(be.AppendUint32(b, kind), uint32(len(p)))
			_, err := c.Write(append(b, p...))
			return err
		}
		var err error
		switch option {
		case 2: // abort
			return fmt.Errorf("nbd: the client left: %w", io.EOF)
		case 6, 7: // info, go
			if err = reply(3, append([]byte{0, 0}, export...)); err == nil {
				err = reply(1, nil)
			}
			if option == 7 {
				return err
			}
		default:
			err = reply(1<<31|1, nil)
		}
		if err != nil {
			return err
		}
	}
}
