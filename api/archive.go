package api

import (
	"encoding/json"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A PrintedCopy is a copy that came out, with what its paper says of itself.
type PrintedCopy struct {
	Event   int64            `json:"event"` // of the journal, that told of it
	At      time.Time        `json:"at"`
	JobID   string           `json:"job_id"`
	Kind    job.Kind         `json:"kind"`
	Test    bool             `json:"test,omitempty"`
	CopyID  string           `json:"copy_id"`
	Copy    job.CopyName     `json:"copy"`
	Station string           `json:"station,omitempty"` // of a kitchen copy
	PrintNo int              `json:"print_no"`
	State   vocabulary.State `json:"state"`
	Proof   vocabulary.Proof `json:"proof"`
	Mark    job.MarkKind     `json:"mark"`
	Printer string           `json:"printer"`

	Marks job.Mark        `json:"-"` // all that the paper says of itself
	Job   json.RawMessage `json:"-"` // sanitised
}

// Name is the copy with its station.
func (c *PrintedCopy) Name() job.CopyName { return c.Copy.At(c.Station) }

// A FiledSlip is a line of the archive: a copy that came out, and its file.
type FiledSlip struct {
	PrintedCopy
	Journal string    `json:"journal"`        // of which Event is
	File    string    `json:"file,omitempty"` // in the folder of its day; empty: there is none, Why says why
	SHA256  string    `json:"sha256,omitempty"`
	Bytes   int       `json:"bytes,omitempty"`
	Why     string    `json:"why,omitempty"`   // not_rendered, erased
	Began   bool      `json:"began,omitempty"` // no slip: from here on they are filed
	Erased  time.Time `json:"erased,omitzero"` // when the file was removed because a person asked for it
}

// An ArchiveStatus tells how it stands with the archive.
type ArchiveStatus struct {
	On      bool            `json:"on"`
	Dir     string          `json:"dir"`
	Filed   int64           `json:"filed"`             // since the daemon began
	LastAt  time.Time       `json:"last_at,omitzero"`  // of the newest slip that was filed since then
	Stopped string          `json:"stopped,omitempty"` // why nothing is filed now: disk_low, failed
	Text    vocabulary.Text `json:"text,omitzero"`     // that in words
	Days    []string        `json:"days"`              // the newest first
}

// FiledSlips are the lines of a day of the archive.
type FiledSlips struct {
	Slips []FiledSlip `json:"slips"`
}

// Erased is what was removed of a person, by the number of an order or the id of a job.
type Erased struct {
	OrderNo  string   `json:"order_no"`
	JobID    string   `json:"job_id,omitempty"`
	Jobs     []string `json:"jobs"`            // whose contents were taken a person out of, by their ids
	Files    int      `json:"files"`           // of the archive
	Rejected int      `json:"rejected"`        // files of refused jobs
	Shown    []string `json:"shown,omitempty"` // documents that show the number, which is too short to be surely the order's: not erased
	Copies   []string `json:"copies"`          // other copies of the journal in the data folder, which may still hold it
}
