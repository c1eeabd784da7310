package link

import "context"

// Words is one sentence in both languages.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Found is one way to a printer, or to what may be one, on this machine.
type Found struct {
	Device string `json:"device"` // for the config; a serial port's baud and flow are the usual ones, not measured
	What   Words  `json:"what"`
	Opens  bool   `json:"opens"`
	Cause  Cause  `json:"cause,omitempty"` // why it does not open
	Err    error  `json:"-"`               // an *OpenError; nil when it opens
}

// Scan lists the printers and ports of this machine and tries to open each for a moment. It sends no byte, but opening
// a serial port raises its DTR line, which resets a printer whose pin 6 is set up as reset input. It does not search the
// network. It ends early, with what it has, when ctx ends.
func Scan(ctx context.Context) []Found { return scanSystem(ctx) }

// found describes d after an attempt to open it.
func found(d Device, what Words, err error) Found {
	f := Found{Device: d.String(), What: what, Opens: err == nil}
	if err == nil {
		return f
	}
	oe := openError(d, err)
	f.Cause, f.Err = oe.Cause, oe
	return f
}

// usualSerial is a port with the settings that Epson printers come with.
func usualSerial(path string) Device {
	return Device{Scheme: Serial, Path: path, Baud: 9600, Bits: 8, Stop: 1, Parity: ParityNone, Flow: FlowDTR, Reserve: defaultReserve}
}

var serialPort = Words{ZH: "串口", EN: "serial port"}
