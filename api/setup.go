package api

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
)

// A Setup is what the set-up page shows: what is configured, and by whom.
type Setup struct {
	File     string         `json:"file"`    // the set-up's own file
	Version  string         `json:"version"` // of that file: a change names it, so that nobody changes what he has not seen
	Locale   string         `json:"locale"`
	Timezone string         `json:"timezone"`
	Printers []SetupPrinter `json:"printers"`
	Routes   []SetupRoute   `json:"routes"`
	// Before is when the version before was replaced; nil: there is none to go back to.
	Before *time.Time `json:"before,omitempty"`
}

// A SetupPrinter is one configured printer.
type SetupPrinter struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Device   string `json:"device"`
	Profile  string `json:"profile"`
	Identity string `json:"identity"`
	ByPage   bool   `json:"by_page"` // something of it stands in the set-up
	ByHand   bool   `json:"by_hand"` // it stands in the configuration file
}

// A SetupRoute says where slips of a kind go.
type SetupRoute struct {
	Kind    string `json:"kind"`
	Copy    string `json:"copy,omitempty"`    // of that kind; empty: all
	Printer string `json:"printer,omitempty"` // what the set-up says; empty: nothing
	Now     string `json:"now,omitempty"`     // where they go as things are
}

// SetupChange is what a person wants changed. What is nil or empty stays.
type SetupChange struct {
	Version  string            // of the set-up that the person saw
	Printer  *SetupPrinter     // a new one, or the values of one
	Remove   string            // a printer's part of the set-up
	Routes   map[string]string // by kind, or kind/copy: a printer, "" for no route
	Locale   *string
	Timezone *string
	Undo     bool // back to the version before
}

// A SetupPlan is what a change comes to.
type SetupPlan struct {
	Differences []SetupDifference `json:"differences"`
	Problems    []job.Problem     `json:"problems,omitempty"` // why it is not taken
	Later       bool              `json:"later,omitempty"`    // it takes effect when the slip being printed is out
}

// A SetupDifference is one value that changes.
type SetupDifference struct {
	Key    string `json:"key"` // printer.front.device
	Before string `json:"before"`
	After  string `json:"after"`
}

// Why a change of the set-up is not made.
var (
	ErrSetupChanged = errors.New("the set-up was changed by somebody else")
	ErrNoSetup      = errors.New("this receiptd is not set up by its page")
)

// A BrokenConfigError says that the configuration as it stands now is not one, so nothing can be changed in it.
type BrokenConfigError struct{ Text job.Text }

// Error is the English text.
func (e *BrokenConfigError) Error() string { return e.Text.En }

// A Found is a printer, or what may be one, that a search found.
type Found struct {
	Device   string   `json:"device"`
	What     job.Text `json:"what"`
	Opens    bool     `json:"opens"`
	Reason   job.Text `json:"reason"`           // why it does not open
	Fix      job.Text `json:"fix"`              // what to do about it
	InUse    string   `json:"in_use,omitempty"` // the configured printer that has it
	Model    string   `json:"model,omitempty"`
	Serial   string   `json:"serial,omitempty"`
	MAC      string   `json:"mac,omitempty"`
	Tier     string   `json:"tier,omitempty"` // what it can prove, as far as it answered; a probe finds out
	Identity string   `json:"identity,omitempty"`
	Profile  string   `json:"profile,omitempty"` // that fits its model; empty: nobody knows
}

// A Profile is a model that a printer may name.
type Profile struct {
	Name    string `json:"name"`
	Maker   string `json:"maker"`
	Columns int    `json:"columns"`
	Dots    int    `json:"width_dots"`
	DPI     int    `json:"dpi"`
	Cutter  string `json:"cutter,omitempty"`
	Chinese bool   `json:"chinese_font"`
	Grade   string `json:"grade"` // documented, reported, assumed
	Notes   string `json:"notes"`
	NotesZh string `json:"notes_zh"` // the same in Chinese
}

// Millimetres is the paper that the printable width belongs to.
func (p *Profile) Millimetres() int {
	switch wide := float64(p.Dots) / float64(p.DPI) * 25.4; {
	case wide < 56:
		return 58
	case wide < 68: // impact printers
		return 76
	}
	return 80
}
