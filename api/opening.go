package api

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// An Opening is a wish to open a cash drawer, and what became of it: in an answer, and an element of GET /v1/drawer.
type Opening struct {
	JobID      string                 `json:"job_id"`
	Printer    string                 `json:"printer"`
	State      vocabulary.Opening     `json:"state"` // asked, pending, begun, sent, uncertain, not_sent
	Reason     vocabulary.Reason      `json:"reason,omitempty"`
	Text       vocabulary.Text        `json:"text"`                  // state and reason in words
	Seen       vocabulary.DrawerState `json:"seen,omitempty"`        // open: the drawer's sensor told so behind the pulse
	OperatorNo string                 `json:"operator_no,omitempty"` // who wanted it, or answered for it
	Wanted     vocabulary.Reason      `json:"wanted,omitempty"`      // why, as its asker said
	Source     vocabulary.Source      `json:"source"`
	At         time.Time              `json:"at"`      // when it was wanted
	Changed    time.Time              `json:"changed"` // when it came to its state
	Until      time.Time              `json:"until,omitzero"`
}

// Openings is the answer of GET /v1/drawer: the newest first.
type Openings struct {
	Openings []Opening `json:"openings"`
}
