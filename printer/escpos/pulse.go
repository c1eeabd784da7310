package escpos

import "time"

// A cash drawer hangs on a printer's own connector: the printer sends a pulse over pin 2 or 5 to its solenoid. ESC p is read in order, so
// a printer that is offline keeps it and opens the drawer when it goes on. DLE DC4 is done as it comes, or never.
//
//	1B 70 m t1 t2   ESC p: m 0 for pin 2, 1 for pin 5; on for t1, then off for t2, in units of 2 ms
//	10 14 01 m t    DLE DC4 fn 1: on and off for t each, in units of 100 ms, 1 to 8; ignored during an error
//
// Epson programming guide, ESC p, DLE DC4 fn 1.
const (
	pulseUnit    = 2 * time.Millisecond
	pulseNowUnit = 100 * time.Millisecond
)

// AppendPulse appends the command that is read in order. pin is 2 or 5; times are brought into 2 to 510 ms.
func AppendPulse(b []byte, pin int, on, off time.Duration) []byte {
	units := func(d time.Duration) byte { return byte(min(max(d/pulseUnit, 1), 255)) }
	return append(b, 0x1B, 'p', pulseConnector(pin), units(on), units(off))
}

// AppendPulseNow appends the one that is done as it comes.
func AppendPulseNow(b []byte, pin int, on time.Duration) []byte {
	return append(b, 0x10, 0x14, 1, pulseConnector(pin), byte(min(max((on+pulseNowUnit/2)/pulseNowUnit, 1), 8)))
}

func pulseConnector(pin int) byte {
	if pin == 5 {
		return 1
	}
	return 0
}
