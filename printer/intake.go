package printer

import "strings"

// intake finds out whether a slip may begin, begins it, and tells its end.
type intake struct {
	core    *core
	device  *device
	port    *port
	line    *line
	task    *task
	sensors *sensors
	residue *residue
	asker   *asker
	prober  *prober
}

// step finds out whether a slip may begin now, and says why not. Being connected is not enough: network printers
// accept connections that they do not serve.
func (i *intake) step() bool {
	switch {
	case i.task.cancel:
		i.refuse(Stopped)
		return true
	case i.task.begun:
		return false
	case i.port.state == lineOpening:
		return false
	case !i.port.up() && (i.task.refused || i.port.leftAlone()):
		i.refuse(LinkDown)
		return true
	case !i.port.up():
		i.port.open()
		return false
	}
	if i.awaitsPort() {
		return false
	}
	if i.line.tier() != 'D' && !i.task.looked && (i.core.now.Sub(i.sensors.statusAt) > freshTime || i.task.pulse != nil || i.sensors.mute() || i.sensors.reason() != "" || i.asker.asksFirst(forPreflight)) {
		i.task.looked = true
		i.asker.start(forPreflight)
		return true
	}
	i.mayBegin()
	return true
}

// awaitsPort says whether the USB port is to tell first how the printer is, where nothing else does.
func (i *intake) awaitsPort() bool {
	usb := &i.line.usb
	switch {
	case !i.line.usesPort() || i.device.known.PortBits == 0:
		return false
	case !i.task.looked && i.core.now.Sub(i.sensors.statusAt) > freshTime:
		i.task.looked, usb.askAt = true, i.core.now
		return true
	}
	return usb.asked
}

// looked goes on after the look before a slip. It is tried once more when a connection that was kept for later had died
// meanwhile.
func (i *intake) looked(ok bool) {
	switch {
	case i.task.cancel, ok && i.port.up():
	case i.port.up() && !i.line.stalled.IsZero():
		i.refuse(Busy)
	case i.port.up():
		i.refuse(Offline)
	case i.task.hangups == 0:
		i.task.looked, i.task.hangups = false, 1
	default:
		i.refuse(LinkDown) // it is accepted, and ended before a word
	}
}

// mayBegin begins the slip when the printer is ready.
func (i *intake) mayBegin() {
	switch reason := i.sensors.reason(); {
	case reason != "" && !i.passes(reason):
		i.refuse(reason)
	case reason == "" && i.residue.leftover != nil:
		i.residue.start()
	default:
		i.begin()
	}
}

// passes says whether a pulse for the drawer may leave although the printer is not ready: by the command that is done at once, while
// nothing is wrong with the printer but paper or cover. During an error it would be ignored.
func (i *intake) passes(reason Reason) bool {
	return i.task.pulse != nil && i.device.set.prof.DrawerNow && !i.sensors.mute() && !i.sensors.failed() && (reason == PaperOut || reason == CoverOpen || reason == Offline)
}

// refuse ends a task of which not one byte was sent.
func (i *intake) refuse(r Reason) {
	if i.task.cancel {
		i.end(Outcome{State: NotSent, Reason: Stopped, At: i.core.now}, nil)
		return
	}
	i.task.wanted = i.task.wanted || i.task.pulse == nil
	i.sensors.pollAt = sooner(i.sensors.pollAt, i.core.now.Add(pollBusy))
	i.core.changed()
	i.end(Outcome{State: NotSent, Reason: r, Message: i.device.show.Error, At: i.core.now}, nil)
}

// begin makes the start of the attempt durable.
func (i *intake) begin() {
	i.task.wanted, i.task.begun = i.task.wanted && i.task.pulse != nil, true
	i.core.emit(effect{kind: doBegin})
}

// end ends the task.
func (i *intake) end(o Outcome, a *attempt) {
	next := idle
	if !i.port.up() {
		next = closed
	}
	i.core.to(next, strings.TrimSpace(string(o.State)+" "+string(o.Reason)))
	i.port.usedAt = i.core.now
	i.task.begun, i.task.cancel = false, i.task.stopping
	if i.device.probing {
		i.prober.slipOver(o, a)
		return
	}
	i.task.on, i.task.pulse = false, nil
	i.core.emit(effect{kind: doEnd, outcome: o})
}
