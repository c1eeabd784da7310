//go:build !linux && !windows

package link

import (
	"context"

	"go.bug.st/serial"
)

// scanSystem lists the serial ports without opening them; other links do not exist here.
func scanSystem(context.Context) (out []Found) {
	ports, err := serial.GetPortsList()
	if err != nil {
		return []Found{found(Device{Scheme: Serial}, serialPort, err)}
	}
	for _, p := range ports {
		out = append(out, found(usualSerial(p), serialPort, nil))
	}
	return out
}
