package api

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Printer is one printer as people see it: an element of GET /v1/printers.
type Printer struct {
	Name       string                 `json:"name"`
	Label      string                 `json:"label,omitempty"` // what people call it; empty: its name
	Device     string                 `json:"device"`
	Profile    string                 `json:"profile"`
	State      vocabulary.Readiness   `json:"state"` // ready, printing, held, link_down
	Reason     vocabulary.Reason      `json:"reason,omitempty"`
	Text       vocabulary.Text        `json:"text"`            // what a person should know and do
	Cause      string                 `json:"cause,omitempty"` // why it cannot be used, where that is known: busy, permission, refused ...
	What       vocabulary.Text        `json:"what,omitzero"`   // with Cause: what happened
	Fix        vocabulary.Text        `json:"fix,omitzero"`    // with Cause: what to do, with the command; text is both
	Error      string                 `json:"error,omitempty"` // with Cause: what the system said
	Since      time.Time              `json:"since"`
	Tier       vocabulary.Tier        `json:"tier,omitempty"`
	Early      bool                   `json:"proof_early,omitempty"` // its ids come too early, or may: they prove that it read, not that it printed
	NearEnd    bool                   `json:"paper_near_end"`
	PortStatus bool                   `json:"usb_port_status,omitempty"` // how it is was told by its USB port: it tells nothing over its link
	LastProof  time.Time              `json:"last_proof,omitzero"`
	PaperOut   float64                `json:"paper_out_seconds"`
	Drawer     vocabulary.DrawerState `json:"drawer,omitempty"`      // of the cash drawer on it: open, closed, unknown; empty: it has no connector
	Paused     time.Time              `json:"paused_since,omitzero"` // a person has paused it, since then; its state is held then
	Waiting    int                    `json:"waiting"`
}

// Printers is the answer of GET /v1/printers.
type Printers struct {
	Printers []Printer `json:"printers"`
}

// A TestPage is how a test page ended: the answer of POST /v1/printers/{name}/test.
type TestPage struct {
	Printer string            `json:"printer"`
	State   vocabulary.State  `json:"state"` // printed, processed, sent, uncertain
	Reason  vocabulary.Reason `json:"reason,omitempty"`
	Tier    vocabulary.Tier   `json:"tier,omitempty"`
	Alarm   string            `json:"alarm,omitempty"`
}

// A Probe is what a probe found: the last line of POST /v1/printers/{name}/probe.
type Probe struct {
	Printer string          `json:"printer"`
	Tier    vocabulary.Tier `json:"tier"`  // A to D
	Early   bool            `json:"early"` // its ids come before it has printed
	Auto    bool            `json:"auto"`  // it tells of changes by itself
	Took    float64         `json:"took_seconds,omitempty"`
	Least   float64         `json:"least_seconds,omitempty"`
	Cover   bool            `json:"cover"`  // the cover was opened and closed
	Silent  bool            `json:"silent"` // with the cover open it gave no proof
}

// ErrNoReceiver says that no section of receivers has that name.
var ErrNoReceiver = errors.New("no [[notify]] section has this name")

// ErrNoPrinter says that no printer has that name.
var ErrNoPrinter = errors.New("no such printer")

// A NoPrinterError says which name no printer has; it is ErrNoPrinter.
type NoPrinterError struct {
	Name  string
	Known []string // the names that there are
}

// Error names it.
func (e *NoPrinterError) Error() string { return ErrNoPrinter.Error() + ": " + e.Name }

// Unwrap gives ErrNoPrinter.
func (e *NoPrinterError) Unwrap() error { return ErrNoPrinter }

// A NotReadyError says why a printer cannot print now.
type NotReadyError struct {
	Reason vocabulary.Reason
	Text   vocabulary.Text // what happened and what to do
}

// Error gives the English text.
func (e *NotReadyError) Error() string { return e.Text.En }

// A Pause is how a printer stands after POST /v1/printers/{name}/pause or resume.
type Pause struct {
	Printer string    `json:"printer"`
	Paused  bool      `json:"paused"`
	Since   time.Time `json:"paused_since,omitzero"`
	Changed bool      `json:"changed"` // false: it stood so before
	Waiting int       `json:"waiting"` // copies that wait for it and of which nothing has left
}

// A Waiting is the answer of GET /v1/printers/{name}/waiting: what cancel-waiting would cancel.
type Waiting struct {
	Printer string         `json:"printer"`
	Waiting int            `json:"waiting"`
	AsOf    time.Time      `json:"as_of"` // for cancel-waiting: what is asked for later stays
	Groups  []WaitingGroup `json:"groups"`
}

// A WaitingGroup are waiting copies of one state and reason.
type WaitingGroup struct {
	State  vocabulary.State  `json:"state"`
	Reason vocabulary.Reason `json:"reason,omitempty"`
	Count  int               `json:"count"`
	Oldest time.Time         `json:"oldest"` // when the oldest was asked for
}

// A CancelledWaiting is the answer of POST /v1/printers/{name}/cancel-waiting.
type CancelledWaiting struct {
	Printer   string `json:"printer"`
	Cancelled int    `json:"cancelled"`
}
