package link

import "time"

// A machine busy with many tests is no driver that hangs.
func init() { unresponsive = 20 * time.Second }

// OpenPort opens a serial device the way systems without a second descriptor do.
func OpenPort(device string) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return openPort(d)
}
