package api

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Fleet is how the shop's connection to its fleet is: the answer of GET /v1/fleet.
type Fleet struct {
	On        bool            `json:"on"` // the configuration wants one; all else is empty where it does not
	Broker    string          `json:"broker,omitempty"`
	Tenant    string          `json:"tenant,omitempty"`
	Shop      string          `json:"shop,omitempty"`
	Connected bool            `json:"connected"`
	Since     time.Time       `json:"since,omitzero"`
	Failure   string          `json:"failure,omitempty"` // why it is not connected
	Text      vocabulary.Text `json:"text,omitzero"`     // what happened and what to do
	TakenOver time.Time       `json:"taken_over,omitzero"`
	Behind    int64           `json:"behind"` // numbers of events that the slowest centre has not stored

	// Since the daemon began.
	Jobs     int64 `json:"jobs"`
	Repeated int64 `json:"repeated"`
	Expired  int64 `json:"expired"`
	Rejected int64 `json:"rejected"`
	Commands int64 `json:"commands"`
	Denied   int64 `json:"denied"`
	Events   int64 `json:"events"`
}
