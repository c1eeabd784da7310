package link

import (
	"context"

	"go.bug.st/serial"
)

// scanSystem lists USB printers, print queues, then serial ports.
func scanSystem(ctx context.Context) []Found {
	var usb winUSB
	var spool winSpooler
	paths, err := usb.interfaces()
	out := scanInterfaces(ctx, usb, paths, err)
	names, err := spool.queues()
	out = append(out, scanQueues(ctx, spool, names, err)...)
	ports, err := serial.GetPortsList()
	if err != nil {
		return append(out, found(Device{Scheme: Serial}, serialPort, err))
	}
	for _, p := range ports {
		if ctx.Err() != nil {
			return out
		}
		d := usualSerial(p)
		d.Flow = FlowNone // whether it opens, not whether its lines are wired
		c, err := openPort(d)
		if err == nil {
			err = c.Close()
		}
		out = append(out, found(usualSerial(p), serialPort, err))
	}
	return out
}
