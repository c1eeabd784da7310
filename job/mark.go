package job

import (
	"time"

	"github.com/receiptd/receiptd/vocabulary"
)

// MarkKind says what a copy is allowed to pass for.
type MarkKind = vocabulary.MarkKind

// The kinds of marks.
const (
	MarkOriginal  = vocabulary.MarkOriginal  // the first physical copy, in time
	MarkLate      = vocabulary.MarkLate      // the first physical copy, printed after its batch was settled or after an outage
	MarkDuplicate = vocabulary.MarkDuplicate // a person asked for one more
	MarkRecovery  = vocabulary.MarkRecovery  // receiptd printed one more after a fault
)

// Mark holds the facts that a copy must show about itself. The queue decides them, templates word them.
type Mark struct {
	Kind       MarkKind  `json:"kind"`
	PrintNo    int       `json:"print_no"`             // 1 is the original; 2 prints as reprint 1
	At         time.Time `json:"at"`                   // when this copy was asked for
	Operator   string    `json:"operator,omitempty"`   // who asked; SYSTEM for automatic recovery
	Reason     string    `json:"reason,omitempty"`     // why, as the request said it
	Voided     bool      `json:"voided,omitempty"`     // an approved void refers to this sale
	Reversed   bool      `json:"reversed,omitempty"`   // this sale was reversed
	Late       bool      `json:"late,omitempty"`       // printed after settlement or after an outage
	TornPiece  bool      `json:"torn_piece,omitempty"` // an earlier attempt left a torn piece, which is void
	Possible   bool      `json:"possible,omitempty"`   // the journal was replaced: it cannot know earlier copies
	Archive    string    `json:"archive,omitempty"`    // a retrieval copy: the case number
	Electronic int       `json:"electronic,omitempty"` // a slip as a file, not on paper: its number among those of its job
	Filed      time.Time `json:"filed,omitzero"`       // a file of the archive: when its paper came out
	From       string    `json:"from,omitempty"`       // the printer that should have printed it
	SameAs     time.Time `json:"same_as,omitzero"`     // when an order of exactly this content came before; zero: none did
}
