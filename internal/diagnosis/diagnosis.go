// Package diagnosis says why a printer cannot be reached or does not answer: one cause, what happened, and what to do, in Chinese
// and English. Everything that tells a person of a printer's trouble asks here: `receiptd doctor`, `printer scan` and `printer
// status`, the counter page, and the daemon's log.
//
// It keeps nothing on disk and starts no goroutine. Of reads files of /proc on Linux to name who has a device; it sends nothing.
package diagnosis

import (
	"errors"
	"slices"

	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Cause is why a printer cannot be used.
type Cause string

// The causes. Those of the link stand under the names that they have there; the rest are found out once it is open.
const (
	NotFound     = Cause(link.NotFound)
	NoName       = Cause(link.NoName)
	LocalName    = Cause("local_name") // a name of .local to which nobody answers
	NoNames      = Cause(link.NoNames)
	NoZone       = Cause(link.NoZone)
	Permission   = Cause(link.Permission)
	Sandbox      = Cause(link.Sandbox)
	Firewall     = Cause(link.Firewall)
	Busy         = Cause(link.Busy) // another program has it
	Self         = Cause("self")    // a running receiptd has it
	Refused      = Cause(link.Refused)
	TimedOut     = Cause(link.TimedOut)
	Unreachable  = Cause(link.Unreachable)
	Reset        = Cause(link.Reset)
	Unplugged    = Cause(link.Unplugged)
	Broken       = Cause(link.Broken)
	NoRoom       = Cause(link.NoRoom)
	Unsupported  = Cause(link.Unsupported)
	NoDriver     = Cause(link.NoDriver)
	Ambiguous    = Cause(link.Ambiguous)
	NotSerial    = Cause(link.NotSerial)
	NoModem      = Cause(link.NoModem)
	NotPrinter   = Cause(link.NotPrinter)
	OtherService = Cause("other_service") // something that is no printer answers: a web server, a terminal
	NoAnswer     = Cause("no_answer")     // the link is open, and the printer says nothing
	Dark         = Cause("dark")          // a serial line of which no modem line is on
	Blocked      = Cause("blocked")       // the line takes no bytes
	WrongSpeed   = Cause("wrong_speed")   // it answers at another speed than configured
	Stranger     = Cause("stranger")      // another device than the configuration names
	Other        = Cause(link.OtherCause)
)

// A Holder is who has a device open.
type Holder struct {
	PID     int    `json:"pid"`
	Program string `json:"program"`
	Self    bool   `json:"self,omitempty"`    // it is a receiptd
	Printer string `json:"printer,omitempty"` // the name by which that receiptd prints on it, as far as is known
}

// A Diagnosis is what keeps a printer from being used; the zero value is nothing.
type Diagnosis struct {
	Cause  Cause           `json:"cause"`
	What   vocabulary.Text `json:"what"`
	Fix    vocabulary.Text `json:"fix"` // with the command, where one mends it
	Holder *Holder         `json:"holder,omitempty"`
	Err    string          `json:"error,omitempty"` // what the system said, in English
}

// Text is what happened and what to do, in one.
func (d Diagnosis) Text() vocabulary.Text {
	return vocabulary.Text{Zh: d.What.Zh + "。" + d.Fix.Zh + "。", En: sentence(d.What.En) + " " + sentence(d.Fix.En)}
}

// Options are for Of; the zero value is useful.
type Options struct {
	// Holder finds who has a device node open; nil: the system's own answer, as far as this user may know.
	Holder func(path string) (Holder, bool)
	// Printer is the printer's name in the configuration, for the commands shown.
	Printer string
}

// Of says why device did not open, or why its link was lost. device is a device URL; err what link gave.
func Of(device string, err error, o Options) Diagnosis {
	var wrong *link.DeviceError
	if errors.As(err, &wrong) {
		zh, en := wrong.Text()
		fixZh, fixEn := wrong.Fix()
		return Diagnosis{Cause: Unsupported, What: text(zh, en), Fix: text(fixZh, fixEn), Err: err.Error()}
	}
	d, perr := link.Parse(device)
	if perr != nil {
		return Of("", perr, o)
	}
	c := Case{Device: d, Cause: Cause(link.CauseOf(d, err)), Printer: o.Printer}
	var oe *link.OpenError
	if errors.As(err, &oe) {
		c.Device, c.Detail = oe.Device, oe.Detail // a printer found by its numbers has its node there
	}
	if c.Cause == Other && err != nil && c.Detail == "" {
		c.Detail = err.Error()
	}
	if c.Cause == NoName && local(d.Address) {
		c.Cause = LocalName
	}
	if c.Cause == Busy && c.Device.Path != "" {
		find := o.Holder
		if find == nil {
			find = WhoHas
		}
		if h, ok := find(c.Device.Path); ok {
			c.Holder = &h
			if h.Self {
				c.Cause = Self
			}
		}
	}
	out := c.Diagnosis()
	if err != nil {
		out.Err = err.Error()
	}
	return out
}

// A Case is what is known of a printer that cannot be used.
type Case struct {
	Device  link.Device
	Cause   Cause
	Printer string  // its name in the configuration
	Holder  *Holder // who has it; nil: not known
	Detail  string  // the candidates, the speed it answers at, what answered
}

// Diagnosis puts a case into words.
func (c Case) Diagnosis() Diagnosis {
	w, ok := words[c.Cause]
	if !ok {
		w = words[Other]
	}
	what, fix := w(c)
	return Diagnosis{Cause: c.Cause, What: what, Fix: fix, Holder: c.Holder}
}

// Causes lists all causes, in order.
func Causes() []Cause {
	var out []Cause
	for c := range words {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}
