package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/session"
)

// A printer that tells nothing over its link may still tell something over its USB port: one byte of the printer class, which answers
// even when it takes no data (USB printer class 1.1, GET_PORT_STATUS). Many return a constant; so each bit counts only once it was seen
// to change on this device.
const (
	portWell     = 0x08 // no error
	portSelected = 0x10
	portPaperOut = 0x20
	portBits     = portWell | portSelected | portPaperOut

	portIdle = 5 * time.Second // how often it is asked while all is well
)

// portStatus is what the USB port says, on this epoch.
type portStatus struct {
	offered bool
	asked   bool // an answer is to come
	told    bool // last is one
	last    byte
	askAt   time.Time
}

// usesPort says whether the printer's state is to be had from its USB port: nothing better is, and nobody has said that what it tells
// means nothing.
func (l *line) usesPort() bool {
	return l.port.up() && l.usb.offered && l.tier() == 'D' && l.device.pinned() == 0 && !l.device.probing
}

// askPort asks the USB port when that is due. While a slip goes out a port that may tell nothing is left alone, unless the printer
// takes no more: some misbehave when they are asked with a full buffer (Linux, drivers/usb/class/usblp.c).
func (m *machine) askPort() {
	usb := &m.line.usb
	switch {
	case !m.line.usesPort() || usb.asked:
	case m.task.cur != nil && m.device.known.PortBits == 0 && m.line.stalled.IsZero():
	case m.core.now.Before(usb.askAt):
		m.core.at(usb.askAt)
	default:
		usb.asked = true
		m.core.emit(effect{kind: doAskPort})
	}
}

// notePort takes in what the USB port says.
func (m *machine) notePort(s session.Port) {
	usb := &m.line.usb
	usb.asked, usb.askAt = false, m.core.now.Add(portIdle)
	if s.Err != nil {
		m.core.emit(effect{kind: doLog, text: "no port status", why: s.Err.Error()})
		return
	}
	if changed := (s.Status ^ usb.last) & portBits &^ m.device.known.PortBits; usb.told && changed != 0 {
		k := m.device.known
		k.PortBits |= changed
		m.device.learn(k)
	}
	usb.last, usb.told = s.Status, true
	if counts := m.device.known.PortBits; counts != 0 && m.line.usesPort() {
		m.sensors.noteStatus(portSays(s.Status, counts), m.core.now)
		if m.sensors.reason() == "" {
			m.upkeep.ready()
		}
	}
	if m.sensors.reason() != "" || m.task.wanted || m.task.cur != nil {
		usb.askAt = m.core.now.Add(pollBusy)
	}
}

// portSays puts the bits that count into a status.
func portSays(b, counts byte) escpos.Status {
	paperOut := b&counts&portPaperOut != 0
	return escpos.Status{PaperEnd: paperOut, Offline: paperOut || ^b&counts&(portWell|portSelected) != 0}
}
