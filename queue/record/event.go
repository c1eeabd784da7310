package record

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// An Event is one line of the audit and one message of the feed. Empty fields do not apply. Several events may tell of
// one change when several files show it.
type Event struct {
	Seq      int64                `json:"seq"` // rising, with gaps; the id in the server-sent events
	At       time.Time            `json:"at"`
	Type     vocabulary.EventType `json:"type"`
	JobID    string               `json:"job_id,omitempty"`  // the slip
	Request  string               `json:"request,omitempty"` // the job whose answer changed: the slip itself or a command about it
	CopyID   string               `json:"copy_id,omitempty"`
	File     string               `json:"file,omitempty"` // the drop file whose answer changed
	Printer  string               `json:"printer,omitempty"`
	State    vocabulary.State     `json:"state,omitempty"` // of the copy; of the batch or the reversal, where it tells of one
	Reason   vocabulary.Reason    `json:"reason,omitempty"`
	Operator string               `json:"operator,omitempty"`
	Batch    int64                `json:"batch,omitempty"` // batch instance
	Detail   string               `json:"detail,omitempty"`

	JobSeq  int64 `json:"-"`
	CopySeq int64 `json:"-"`
	About   int64 `json:"-"` // digest of the row that it tells of; see schema 0004
	Same    Same  `json:"-"`
}

// BatchEvent tells of a batch; its state is the batch's.
func BatchEvent(batch int64, state vocabulary.BatchState, operator, detail string) Event {
	return Event{Type: vocabulary.EventBatch, Batch: batch, State: vocabulary.State(state), Operator: operator, Detail: detail}
}

// ReversalEvent tells of a reversal: its state is the reversal's, its reason how a person ended it, "" while nobody did.
func ReversalEvent(jobID string, status vocabulary.ReversalStatus, how vocabulary.Resolution) Event {
	return Event{Type: vocabulary.EventReversal, JobID: jobID, State: vocabulary.State(status), Reason: vocabulary.Reason(how)}
}

// Same says which texts of an event are those of its job's row: the journal holds them there only. It is for jobs that stay as long as their
// events, and for a file that stays the job's.
type Same int

// The texts.
const (
	SameID      Same = 1 << iota // JobID
	SameRequest                  // Request is the job's id
	SameFile                     // File
	SameDetail                   // Detail is firstPrint, what most copies' starts say: of no job's row, but not worth writing again and again
)

// firstPrint is the detail of an event that tells of a slip's first start.
const firstPrint = "print 1 original"

// Kept gives an event as the journal holds it: without the texts that Same names.
func (e *Event) Kept() Event {
	k := *e
	if k.Same&SameID != 0 {
		k.JobID = ""
	}
	if k.Same&SameRequest != 0 {
		k.Request = ""
	}
	if k.Same&SameFile != 0 {
		k.File = ""
	}
	if k.Detail == firstPrint {
		k.Detail, k.Same = "", k.Same|SameDetail
	}
	return k
}

// EventColumns are what Events reads; EventColumnsAsWritten are the same without looking into jobs, for a journal from before schema 0006.
const (
	EventColumns = `seq, at, type, coalesce(job, 0),
		iif(same & 1, coalesce((SELECT j.job_id FROM jobs j WHERE j.seq = events.job), ''), job_id),
		iif(same & 2, coalesce((SELECT j.job_id FROM jobs j WHERE j.seq = events.job), ''), request), coalesce(copy, 0),
		iif(same & 4, coalesce((SELECT j.file FROM jobs j WHERE j.seq = events.job), ''), file), ` + eventRest + ", iif(same & 8, '" + firstPrint + "', detail)"
	EventColumnsAsWritten = "seq, at, type, coalesce(job, 0), job_id, request, coalesce(copy, 0), file, " + eventRest + ", detail"
	eventRest             = "printer, state, reason, operator, coalesce(batch, 0)"
)

// Events gives the events that a query for EventColumns finds, with the ids of their copies.
func Events(s View, query string, args ...any) ([]Event, error) {
	rows, err := s.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Event
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.Type, &e.JobSeq, &e.JobID, &e.Request, &e.CopySeq, &e.File, &e.Printer, &e.State, &e.Reason,
			&e.Operator, &e.Batch, &e.Detail); err != nil {
			return nil, err
		}
		e.At = FromMillis(at)
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return list, nameCopies(s, list)
}

// nameCopies fills in copy ids, which are not stored.
func nameCopies(s View, list []Event) error {
	for i := range list {
		if list[i].CopySeq == 0 {
			continue
		}
		var asked int64
		if err := s.Row("SELECT asked FROM copies WHERE seq = ?", list[i].CopySeq).Scan(&asked); err != nil {
			continue // purged: the event stays, its copy has no id any more
		}
		list[i].CopyID = s.CopyID(list[i].CopySeq, asked)
	}
	return nil
}
