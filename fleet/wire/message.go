package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// The user properties of a message.
const (
	// PropertyExpired stands on a job whose time is over by the centre's clock: the shop prints it in no case. It says what became of it
	// where it has it already; else it notes that it is never to be printed, and answers Expired.
	PropertyExpired = "rd-expired"
)

// How long a message is worth delivering.
const (
	OrderExpiry   = 20 * time.Minute
	JobExpiry     = 7 * 24 * time.Hour
	CommandExpiry = 60 * time.Second
	WillDelay     = 30 * time.Second // a shorter break of the line tells nobody anything
	StatePace     = 5 * time.Second  // a state follows another no sooner
)

// An Event is one line of the shop's journal, told to everybody who listens. Seq rises with gaps; Prev is the number of the one that was
// told before it, so a reader sees whether it missed any. Both count for one Birth: a journal that was replaced begins anew.
type Event struct {
	Seq     int64                `json:"seq"`
	Prev    int64                `json:"prev"`
	Birth   string               `json:"birth"`
	At      time.Time            `json:"at"`
	Type    vocabulary.EventType `json:"type"`
	JobID   string               `json:"job_id,omitempty"`
	Request string               `json:"request,omitempty"` // the job whose answer changed, where that is another one
	Outcome vocabulary.Outcome   `json:"outcome,omitempty"` // of accepted, answered, rejected, conflict
	CopyID  string               `json:"copy_id,omitempty"`
	Copy    string               `json:"copy,omitempty"`
	Station string               `json:"station,omitempty"`
	PrintNo int                  `json:"print_no,omitempty"`
	State   string               `json:"state,omitempty"`
	Proof   vocabulary.Proof     `json:"proof,omitempty"`
	Mark    vocabulary.MarkKind  `json:"mark,omitempty"`
	Printer string               `json:"printer,omitempty"`
	Reason  vocabulary.Reason    `json:"reason,omitempty"`
	Batch   int64                `json:"batch,omitempty"`
	Remote  bool                 `json:"remote,omitempty"` // a person's word that came from a centre: nobody there saw the paper
}

// EventLeftOut is in a hub's store where an event of the shop could not be stored: of that only its place in the chain is known.
const EventLeftOut vocabulary.EventType = "left_out"

// A Printer is one printer of a State.
type Printer struct {
	Name      string               `json:"name"`
	State     vocabulary.Readiness `json:"state"`
	Reason    vocabulary.Reason    `json:"reason,omitempty"`
	Tier      vocabulary.Tier      `json:"tier,omitempty"`
	NearEnd   bool                 `json:"near_end"`
	Waiting   int                  `json:"waiting"`
	LastProof time.Time            `json:"last_proof,omitzero"`
}

// A State is how a shop is. Offline ones hold no more than that, and why.
type State struct {
	Online    bool      `json:"online"`
	Why       string    `json:"why,omitempty"` // of one that is offline: stopped, off; nothing: the line broke
	Birth     string    `json:"birth,omitempty"`
	Seq       int64     `json:"seq,omitempty"` // the newest event that was told
	At        time.Time `json:"at,omitzero"`   // by the shop's clock
	Version   string    `json:"version,omitempty"`
	Printers  []Printer `json:"printers,omitempty"`
	Uncertain int       `json:"uncertain,omitempty"`
	Reversals int       `json:"reversals,omitempty"`
	DiskFull  bool      `json:"disk_full,omitempty"`
	TakenOver bool      `json:"taken_over,omitempty"` // another daemon came under this shop's identity within the last hour
}

// Same tells whether two states say the same, whenever they were; without whole it looks past what changes with every slip: how far it has told, a
// printer that prints or rests, what waits at it, and when it last proved.
func (s State) Same(as State, whole bool) bool {
	return bytes.Equal(Encode(s.timeless(whole)), Encode(as.timeless(whole)))
}

func (s State) timeless(whole bool) State {
	if s.At = (time.Time{}); whole {
		return s
	}
	s.Seq, s.Printers = 0, slices.Clone(s.Printers)
	for i := range s.Printers {
		p := &s.Printers[i]
		p.Waiting, p.LastProof = 0, time.Time{}
		if p.State == vocabulary.PrinterPrinting || p.State == vocabulary.PrinterIdle {
			p.State = vocabulary.PrinterReady
		}
	}
	return s
}

// Why a shop that is offline is so.
const (
	WhyStopped = "stopped" // the daemon ended in order
	WhyOff     = "off"     // [fleet] was taken out of its configuration
)

// An Ack says that a centre has stored everything up to Seq. With Resend it asks for all that follows again, since it missed some.
type Ack struct {
	Centre string `json:"centre"`
	Birth  string `json:"birth"`
	Seq    int64  `json:"seq"`
	Resend bool   `json:"resend,omitempty"`
}

// Good tells whether an Ack can be one.
func (a Ack) Good() bool { return GoodName(a.Centre) && a.Birth != "" && a.Seq >= 0 }

// A Copy is one piece of paper in an Answer.
type Copy struct {
	CopyID  string              `json:"copy_id"`
	Copy    string              `json:"copy"`
	Station string              `json:"station,omitempty"`
	PrintNo int                 `json:"print_no"`
	State   vocabulary.State    `json:"state"`
	Reason  vocabulary.Reason   `json:"reason,omitempty"`
	Proof   vocabulary.Proof    `json:"proof"`
	Mark    vocabulary.MarkKind `json:"mark"`
	Printer string              `json:"printer"`
}

// An Error is one thing wrong with a job: its code and where it is, not what stands there.
type Error struct {
	Code    string `json:"code"`
	Pointer string `json:"pointer,omitempty"`
}

// An Answer says what became of a job.
type Answer struct {
	JobID   string             `json:"job_id"`
	Outcome vocabulary.Outcome `json:"outcome"`
	Target  string             `json:"target_job_id,omitempty"`
	Copies  []Copy             `json:"copies"`
	Errors  []Error            `json:"errors,omitempty"`
}

// Taken tells whether the shop has the job on disk and answers for it from now on.
func (a Answer) Taken() bool {
	return a.Outcome == vocabulary.OutcomeAccepted || a.Outcome == vocabulary.OutcomeDuplicate
}

// Final tells whether there is no use in sending the job again.
func (a Answer) Final() bool { return a.Outcome != "" }

// The commands.
const (
	CmdReprint    = "reprint"
	CmdArchive    = "archive"
	CmdSettleInfo = "settle_info"
	CmdCloseBatch = "close_batch"
	CmdProbe      = "probe"
	CmdStatus     = "status"
	CmdFind       = "find"
	CmdResolve    = "resolve"
	CmdMove       = "move"
)

// What a shop's configuration may allow its centres.
const (
	AllowReprint    = "reprint"
	AllowMove       = "move"
	AllowResolve    = "resolve"
	AllowSettlement = "settlement"
	AllowArchive    = "archive"
)

// Allows lists them.
func Allows() []string {
	return []string{AllowReprint, AllowMove, AllowResolve, AllowSettlement, AllowArchive}
}

// NeedOf gives what must be allowed for a command, "" for nothing; false: there is no such command.
func NeedOf(cmd string) (need string, known bool) {
	switch cmd {
	case CmdReprint:
		return AllowReprint, true
	case CmdArchive:
		return AllowArchive, true
	case CmdCloseBatch:
		return AllowSettlement, true
	case CmdResolve:
		return AllowResolve, true
	case CmdMove:
		return AllowMove, true
	case CmdSettleInfo, CmdProbe, CmdStatus, CmdFind:
		return "", true
	}
	return "", false
}

// A Command asks a shop for something. CmdID tells it apart: the same one is done once, however often it comes.
type Command struct {
	CmdID string `json:"cmd_id"`
	Cmd   string `json:"cmd"`

	JobID     string   `json:"job_id,omitempty"`     // reprint, find
	VoucherNo string   `json:"voucher_no,omitempty"` // reprint, archive, find
	Last      bool     `json:"last,omitempty"`       // reprint
	Terminal  string   `json:"terminal_no,omitempty"`
	BatchNo   string   `json:"batch_no,omitempty"`
	CaseNo    string   `json:"case_no,omitempty"` // archive
	Copies    []string `json:"copies,omitempty"`
	Reason    string   `json:"reason,omitempty"`  // reprint: no_paper, blank_slip, lost, customer_request
	Printer   string   `json:"printer,omitempty"` // reprint, probe; move: from
	To        string   `json:"to,omitempty"`      // move
	CopyID    string   `json:"copy_id,omitempty"` // resolve
	CameOut   *bool    `json:"came_out,omitempty"`
	Batch     int64    `json:"batch,omitempty"` // close_batch: the instance, as settle_info tells it
}

// OneTarget tells whether a command names one slip, as a reprint must: neither none nor two that may differ.
func (c *Command) OneTarget() bool {
	n := 0
	for _, given := range []bool{c.JobID != "", c.VoucherNo != "", c.Last} {
		if given {
			n++
		}
	}
	return n == 1
}

// A Problem says why a command was not done.
type Problem struct {
	Code    string          `json:"code"`
	Message vocabulary.Text `json:"message"`
	Fix     vocabulary.Text `json:"fix"`
}

// A Reply answers a command.
type Reply struct {
	CmdID   string   `json:"cmd_id"`
	OK      bool     `json:"ok"`
	Problem *Problem `json:"problem,omitempty"`
	Answer  *Answer  `json:"answer,omitempty"`  // reprint, archive, resolve, close_batch
	State   *State   `json:"state,omitempty"`   // status
	Found   []Found  `json:"found,omitempty"`   // find
	Batches []Batch  `json:"batches,omitempty"` // settle_info
	Probe   *Probe   `json:"probe,omitempty"`
	Moved   *int     `json:"moved,omitempty"`
}

// A Found is one slip that a find found.
type Found struct {
	JobID      string             `json:"job_id"`
	Kind       vocabulary.JobKind `json:"kind"`
	VoucherNo  string             `json:"voucher_no,omitempty"`
	Terminal   string             `json:"terminal_no,omitempty"`
	BatchNo    string             `json:"batch_no,omitempty"`
	Money      vocabulary.Money   `json:"money,omitempty"`
	AcceptedAt time.Time          `json:"accepted_at"`
	Amount     *int64             `json:"amount,omitempty"` // minor units; only where the shop shares amounts
	Currency   string             `json:"currency,omitempty"`
	Copies     []Copy             `json:"copies"`
}

// A Batch is one batch instance.
type Batch struct {
	Batch    int64                 `json:"batch"`
	BatchNo  string                `json:"batch_no"`
	Terminal string                `json:"terminal_no"`
	State    vocabulary.BatchState `json:"state"`
	Slips    int                   `json:"slips"`
	Sums     []Sum                 `json:"sums,omitempty"` // only where the shop shares amounts
}

// A Sum is what the slips of a batch come to in one currency.
type Sum struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// A Probe is what a probe of a printer found.
type Probe struct {
	Printer string          `json:"printer"`
	Tier    vocabulary.Tier `json:"tier"`
	Early   bool            `json:"early"`
}

// Encode gives the bytes of a message of this package.
func Encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // no type here can fail
		panic(err)
	}
	return b
}
