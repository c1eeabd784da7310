package api

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Notice is what somebody outside is told: something is so, or it is over.
type Notice struct {
	ID    int64             `json:"id"` // rising
	Event vocabulary.Notice `json:"event"`
	Over  bool              `json:"over"`
	At    time.Time         `json:"at"`
	Since time.Time         `json:"since,omitzero"` // Over: when it began
	Facts
}

// Facts say what a notice is about. Empty ones do not apply. None is a customer's, but for the amount, which goes out only where the
// configuration says so.
type Facts struct {
	Printer  string `json:"printer,omitempty"`
	Reason   string `json:"reason,omitempty"`
	JobID    string `json:"job_id,omitempty"`
	Kind     string `json:"kind,omitempty"` // of the job
	Copy     string `json:"copy,omitempty"`
	State    string `json:"state,omitempty"` // of the copy, the reversal or the batch; low: of a disk
	Voucher  string `json:"voucher_no,omitempty"`
	Order    string `json:"order_no,omitempty"`
	Terminal string `json:"terminal_no,omitempty"`
	Batch    string `json:"batch_no,omitempty"`
	Limit    int64  `json:"limit_seconds,omitempty"` // within which a slip was to be out
	Shift    int64  `json:"shift_seconds,omitempty"` // of a clock that jumped
	FreeMB   *int64 `json:"free_mb,omitempty"`       // on a disk that is nearly full
	Amount   *int64 `json:"amount,omitempty"`        // minor units
	Currency string `json:"currency,omitempty"`
}

// A PendingNotices is what a receiver has not been told yet.
type PendingNotices struct {
	Notices []Notice      // the first ones
	Counts  []NoticeCount // of all
	Total   int
	Last    int64 // the number of the last of all
}

// A NoticeCount is how many notices say the same.
type NoticeCount struct {
	Event vocabulary.Notice `json:"event"`
	Over  bool              `json:"over"`
	Count int               `json:"count"`
}

// A Receiver is how it stands with one receiver of notices: an element of GET /v1/notify.
type Receiver struct {
	Name      string          `json:"name"`
	Form      string          `json:"form"`
	Pending   int             `json:"pending"`            // notices that it has not been told
	Oldest    time.Time       `json:"oldest,omitzero"`    // of these
	LastTold  time.Time       `json:"last_told,omitzero"` // when it last took a message
	Failing   time.Time       `json:"failing_since,omitzero"`
	Failure   string          `json:"failure,omitempty"` // why the last try failed: a code
	Text      vocabulary.Text `json:"text,omitzero"`     // with Failure: what happened and what to do
	GivenUp   int             `json:"given_up"`          // notices that it was never told, in all
	GivenUpAt time.Time       `json:"given_up_at,omitzero"`
}

// Receivers is the answer of GET /v1/notify.
type Receivers struct {
	Receivers []Receiver `json:"receivers"`
}
