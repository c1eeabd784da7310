package main

import (
	"strings"

	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// word gives the word of a code in the user's language. In English that is the code itself, as the contract has it.
func word[C ~string](l language, kind vocabulary.Kind, code C) string {
	if base, station, ok := strings.Cut(string(code), "@"); ok && kind == vocabulary.KindCopy {
		return word(l, kind, base) + " " + station
	}
	if l == "zh" {
		return vocabulary.Zh(kind, code)
	}
	return string(code)
}

// closedBy says who closed a batch: the terminal, or a person with a number.
func (l language) closedBy(by string) string {
	if number, ok := strings.CutPrefix(by, "person"); ok {
		return strings.TrimSpace(l.say("人工", "person") + number)
	}
	if by == "terminal" {
		return l.say("终端", "terminal")
	}
	return by
}

// proof says what proved a copy.
func (l language) proof(p queue.Proof) string {
	if p == queue.ProofNone || p == "" {
		return "-"
	}
	return word(l, vocabulary.KindProof, p)
}
