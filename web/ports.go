package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
)

// Printers is what the page and the API know of printers; the daemon fills it.
type Printers interface {
	// Printers lists all configured printers as they are now. It does not block and touches no wire.
	Printers() []api.Printer
	// Command asks one printer for something that takes paper or time: test, probe, jam-cleared. It blocks until done.
	Command(ctx context.Context, name, command string) (string, error)
	// Changed gives a channel that is closed when a printer's status next changes.
	Changed() <-chan struct{}
}

// A Tester prints test pages and measures proof; what fills Printers may also be one.
type Tester interface {
	// TestPage prints a page with ruler, characters, codes and cut, and tells how it ended.
	TestPage(ctx context.Context, name string) (api.TestPage, error)
	// Probe prints 20 cm and measures which proof the printer gives. report is told of each step; cover asks a person to
	// open and close the cover meanwhile.
	Probe(ctx context.Context, name string, cover bool, report func(step string)) (api.Probe, error)
}

// A Pauser lets people pause printers; what fills Printers may also be one.
type Pauser interface {
	// Pause lets nothing more begin at a printer, or lets it go on. What is at the printer comes out. It stays so over a restart.
	Pause(ctx context.Context, name string, on bool, operator string) error
}

// Previews draws a slip as it would come out; the daemon fills it.
type Previews interface {
	// Preview writes a PNG ("png"), text ("txt") or PDF ("pdf") of one copy of a job as it comes out with this mark.
	Preview(w io.Writer, j *job.Job, c job.CopyName, m job.Mark, format string) error
}

// Network is the page on the shop's network; the daemon fills it.
type Network interface {
	// State tells how it stands, without the devices.
	State() api.LAN
	// Answers tells whether a host, as a browser names it, is this machine.
	Answers(host string) bool
	// Authority is the certificate of the own authority, in DER; nil when the page has a given certificate.
	Authority() []byte
	// NewAuthority makes it anew: every device has to trust it anew.
	NewAuthority() error
}

// A Shop is what the page reads of the shop's section, as it is in force now.
type Shop struct {
	Locale string         // zh-CN or en, for a browser that has not chosen
	Zone   *time.Location // the shop's clock; nil: not known

	PrinterLabel func(name string) string // what people call a printer; nil: its name
}

// printerNamed gives one printer as it is now.
func printerNamed(all Printers, name string) (api.Printer, bool) {
	for _, p := range all.Printers() {
		if p.Name == name {
			return p, true
		}
	}
	return api.Printer{}, false
}

// noPrinter says that no printer has a name.
func noPrinter(all Printers, name string) error {
	e := &api.NoPrinterError{Name: name}
	for _, p := range all.Printers() {
		e.Known = append(e.Known, p.Name)
	}
	return e
}

// checkTime bounds one check of readiness.
const checkTime = 2 * time.Second

// register makes a handler answer a pattern of net/http, behind the door that the pattern's part stands behind.
type register func(pattern string, h http.HandlerFunc)
