package api

import (
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Answer is what the asker is told: the one JSON type of an answer for results files, page and commands.
type Answer struct {
	File        string             `json:"file,omitempty"`
	JobID       string             `json:"job_id,omitempty"`
	Outcome     vocabulary.Outcome `json:"outcome"`
	TargetJobID string             `json:"target_job_id,omitempty"`
	Copies      []CopyStatus       `json:"copies"`
	AllPartsOut *bool              `json:"all_parts_out,omitempty"` // of an order divided among stations: each ticket came out
	Overdue     bool               `json:"overdue,omitempty"`       // a slip is not out within the time that was asked for
	Drawer      *Opening           `json:"drawer,omitempty"`        // of a command that opens a cash drawer, or a captured slip that wanted it open
	Errors      []job.Problem      `json:"errors"`
	Warnings    []job.Problem      `json:"warnings"`
	Fix         *job.Text          `json:"fix,omitempty"` // of a duplicate: what to send when paper was wanted
	UpdatedAt   time.Time          `json:"updated_at"`
}

// CopyStatus is one copy in an answer.
type CopyStatus struct {
	CopyID  string            `json:"copy_id"`
	Copy    job.CopyName      `json:"copy"`
	Station string            `json:"station,omitempty"` // whose ticket of an order; empty: the copy is not divided, or the kitchen's own part
	PrintNo int               `json:"print_no"`
	State   vocabulary.State  `json:"state"`
	Reason  vocabulary.Reason `json:"reason,omitempty"`
	Proof   vocabulary.Proof  `json:"proof"`
	Mark    job.MarkKind      `json:"mark"`
	Printer string            `json:"printer"`
	At      time.Time         `json:"at"`

	Overdue  bool   `json:"overdue,omitempty"`  // it is not out within the time that was asked for
	Pieces   int    `json:"pieces,omitempty"`   // 2 when its paper ended in the middle and it went on on the new roll
	Replaces string `json:"replaces,omitempty"` // the copy_id of the copy in this answer that it stands in for
}

// Name is the copy with its station: what tells the copies of a job apart.
func (c *CopyStatus) Name() job.CopyName { return c.Copy.At(c.Station) }
