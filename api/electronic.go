package api

import (
	"time"

	"github.com/receiptd/receiptd/job"
)

// An ElectronicCopy is a slip as a file, marked as such.
type ElectronicCopy struct {
	JobID   string       `json:"job_id"`
	No      int          `json:"no"`                // counts the files of its job from 1
	Copy    job.CopyName `json:"copy"`              // the copy whose layout it has
	Station string       `json:"station,omitempty"` // of a kitchen copy
	Mark    job.Mark     `json:"mark"`              // what it says of itself
	At      time.Time    `json:"at"`                // when it was asked for
}

// Name is the copy with its station.
func (e *ElectronicCopy) Name() job.CopyName { return e.Copy.At(e.Station) }
