package api

import (
	"slices"

	"github.com/receiptd/receiptd/vocabulary"
)

// States names what jobs can be listed by: the states of a copy, conflict, and in_pieces, which a person is asked about.
func States() []string {
	return []string{string(vocabulary.StateQueued), string(vocabulary.StateSending), string(vocabulary.StatePrinted), string(vocabulary.StateProcessed),
		string(vocabulary.StateSent), string(vocabulary.StateHeld), string(vocabulary.StateUncertain), string(vocabulary.StateDefective),
		string(vocabulary.StateCancelled), string(vocabulary.OutcomeConflict), string(vocabulary.ReasonInPieces)}
}

// KnownState tells whether jobs can be listed by this state.
func KnownState(state string) bool { return slices.Contains(States(), state) }
