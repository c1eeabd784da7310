package printer

import (
	"time"

	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/session"
)

// An event is one thing that happened.
type event struct {
	kind    eventKind
	replies []escpos.Reply
	at      time.Time // when the replies came
	err     error
	written session.Written
	caps    link.Caps
	flow    bool // the link has a handshake
	ported  bool // the link offers the port's status
	port    session.Port
	id      ID
	slip    Slip
	cover   bool
	pulse   *Pulse
	slept   time.Duration // for so long what is waited for stood still
	unseen  time.Duration // for so long nobody watched the printer
}

// eventKind says what happened.
type eventKind uint8

const (
	tick       eventKind = iota // it is time to look again
	gotReplies                  // the printer said something, or the link ended
	gotWritten                  // a write ended
	gotOpened                   // the link was opened, or not
	gotClosed                   // the link is closed; what was still in it was told before
	gotPrint                    // a caller wants a slip printed
	gotProbe                    // a caller wants a probe
	gotBegun                    // the start of the attempt is durable, or not
	gotCancel                   // the caller wants an end
	gotStop                     // Run is to end
	gotJam                      // a person says that the jam is cleared
	gotWake                     // a slip will probably follow at once
	gotPort                     // the USB port told its status, or not
	gotPulse                    // a caller wants the drawer opened
	gotSlept                    // the process stood still
)

// eventNames are the words of the log.
var eventNames = [...]string{tick: "time", gotReplies: "answer", gotWritten: "written", gotOpened: "link", gotClosed: "link closed", gotPrint: "print", gotProbe: "probe",
	gotBegun: "begun", gotCancel: "cancel", gotStop: "stop", gotJam: "jam cleared", gotPort: "usb port", gotPulse: "drawer", gotSlept: "slept"}

// An effect is one thing that is to be done.
type effect struct {
	kind         effectKind
	bytes        []byte
	urgent       bool
	until        time.Time
	state        State
	reason       Reason
	outcome      Outcome
	result       ProbeResult
	err          error
	id           ID
	at           time.Time
	known        Known
	step         ProbeStep
	text         string
	was, is, why string
	event        string // that led to it
}

// effectKind says what is to be done.
type effectKind uint8

const (
	doWrite   effectKind = iota // hand bytes to the driver
	doDrain                     // wait until what was written has left
	doOpen                      // open the link
	doAbort                     // stop opening it
	doClose                     // close it
	doResume                    // forget that the printer said busy
	doAskPort                   // ask for the status of the USB port
	doBegin                     // make the start of the attempt durable
	doReport                    // tell of a state on the way
	doEnd                       // the task is over, with an outcome
	doProbed                    // the probe is over
	doStep                      // tell of a stage of the probe
	doProof                     // tell of an id of an attempt that is over
	doSave                      // remember what was learned
	doAlarm                     // show a person something
	doWarn                      // log a warning
	doLog                       // log for those who look into it
)
