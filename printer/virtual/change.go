package virtual

import (
	"fmt"
	"slices"
	"strings"
)

// A Change is what happens to the printer from outside. Empty fields change nothing; several fields apply in the order in
// which they stand here.
type Change struct {
	Power string `json:"power,omitempty"` // on, off
	Paper string `json:"paper,omitempty"` // ok (a new roll), near_end, out
	// PaperLeftMM begins to count: the printer stops after the line in which it runs out. Until it is set, and again after
	// paper "ok", the roll does not end by itself.
	PaperLeftMM *int   `json:"paper_left_mm,omitempty"`
	Cover       string `json:"cover,omitempty"`         // open, closed
	Cutter      string `json:"cutter,omitempty"`        // ok, jam: the next cut fails; DLE ENQ ends the error
	Head        string `json:"head,omitempty"`          // ok, hot
	Error       string `json:"error,omitempty"`         // none, unrecoverable: until power off
	Lies        string `json:"lies,omitempty"`          // none, paper, cover: the sensor that says "out" or "open" while it prints on
	Drawer      string `json:"drawer,omitempty"`        // open, closed: told by the level of pin 3
	DrawerHas   string `json:"drawer_has,omitempty"`    // none, spring: a pulse opens it
	DrawerLevel string `json:"drawer_sensor,omitempty"` // low, high: the level when it is open
	// Link is up, drop (cut, and refused until up), half_open (connected, but nothing passes), or blip (cut, and at once
	// up again). After drop and half_open old connections never live again.
	Link   string `json:"link,omitempty"`
	Mute   *bool  `json:"mute,omitempty"`   // true: prints but answers nothing
	Button string `json:"button,omitempty"` // feed
	Tear   bool   `json:"tear,omitempty"`   // a person tears off what hangs out
}

// A ChangeError names a field of a Change and what it may hold.
type ChangeError struct{ Field, Value, Want string }

func (e *ChangeError) Error() string {
	return fmt.Sprintf("virtual printer: %s %q: want %s", e.Field, e.Value, e.Want)
}

func (c *Change) check() error {
	for _, f := range []struct{ name, value, want string }{
		{"power", c.Power, "on off"},
		{"paper", c.Paper, "ok near_end out"},
		{"cover", c.Cover, "open closed"},
		{"cutter", c.Cutter, "ok jam"},
		{"head", c.Head, "ok hot"},
		{"error", c.Error, "none unrecoverable"},
		{"lies", c.Lies, "none paper cover"},
		{"drawer", c.Drawer, "open closed"},
		{"drawer_has", c.DrawerHas, "none spring"},
		{"drawer_sensor", c.DrawerLevel, "low high"},
		{"link", c.Link, "up drop half_open blip"},
		{"button", c.Button, "feed"},
	} {
		if f.value != "" && !oneOf(f.value, f.want) {
			return &ChangeError{f.name, f.value, f.want}
		}
	}
	if c.PaperLeftMM != nil && (*c.PaperLeftMM < 0 || *c.PaperLeftMM > 1_000_000) {
		return &ChangeError{"paper_left_mm", fmt.Sprint(*c.PaperLeftMM), "0 to 1000000"}
	}
	return nil
}

// Set makes a change happen now. It returns a *ChangeError, and changes nothing, for a value it does not know.
func (p *Printer) Set(c Change) error {
	if err := c.check(); err != nil {
		return err
	}
	p.lock()
	defer p.unlock()
	p.in.apply(c)
	p.in.pump()
	p.in.host.note()
	return nil
}

func oneOf(value, words string) bool { return slices.Contains(strings.Fields(words), value) }

// pick sets a switch whose word for "on" is given; an empty value leaves it.
func pick(value string, now bool, on string) bool {
	if value == "" {
		return now
	}
	return value == on
}
