// Package doctor looks for what keeps receiptd from printing, and says for each thing found the command that mends it. It also
// packs what a technician wants to see into a file without card data and secrets.
//
// It owns nothing and changes nothing: the drop folder is tried with a hidden file that is removed at once. To a serial or
// network printer that no daemon holds it sends status questions only; at a wrong speed a printer may print a stray character
// for them. No goroutine outlives a call, but for one whose call of the file system never comes back.
package doctor

import (
	"context"
	"errors"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/internal/service"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Level says how bad a finding is.
type Level string

// The levels.
const (
	Good    Level = "good"
	Hint    Level = "hint"    // cannot be told from here, worth a look
	Warning Level = "warning" // works, but not as well as it could
	Problem Level = "problem" // slips will not come out, or not safely
)

// A Finding is one thing that was looked at.
type Finding struct {
	Check   string   `json:"check"` // what was looked at: config, permission, baud, ...
	Level   Level    `json:"level"`
	Subject string   `json:"subject,omitempty"` // the printer, folder or file
	What    job.Text `json:"what"`
	Fix     job.Text `json:"fix"` // what to do, with the command; empty for Good
	// Cause is why a printer cannot be used, where this is about that.
	Cause diagnosis.Cause `json:"cause,omitempty"`
}

// ErrNoAccess is what Options.Daemon gives when the caller may not ask: a daemon may well run.
var ErrNoAccess = errors.New("no permission to ask the daemon")

// Live is what a running daemon says about a printer.
type Live struct {
	Name      string
	State     vocabulary.Readiness
	Reason    vocabulary.Reason
	Device    string
	Text      job.Text
	Cause     diagnosis.Cause // why it cannot be used, "" when it can or is only not ready
	What, Fix job.Text        // with Cause
}

// Options say what to look at. Config may be nil when ConfigErr says why.
type Options struct {
	Config    *config.Config
	ConfigErr error
	Printer   string    // only this printer; "" all
	Built     time.Time // when this program was made; zero: unknown
	Version   string

	// Daemon asks a running daemon for its printers; nil or an error other than ErrNoAccess: none answers.
	Daemon func(ctx context.Context) ([]Live, error)
	// Ready asks a running daemon what keeps it from taking a job now, by the names of its checks; nil: nobody is asked.
	Ready func(ctx context.Context) (map[string]job.Text, error)
	// Waiting asks a running daemon for the sections of the configuration whose change waits for a restart; nil: none do.
	Waiting func(ctx context.Context) ([]string, error)
	// Archive asks a running daemon how it stands with the archive; nil: nobody is asked.
	Archive func(ctx context.Context) (api.ArchiveStatus, error)
	// Receivers asks a running daemon how it stands with the receivers of messages; nil: nobody is asked.
	Receivers func(ctx context.Context) ([]api.Receiver, error)
	// LAN asks a running daemon how its page stands on the shop's network; nil: nobody is asked.
	LAN func(ctx context.Context) (api.LAN, error)
	// Fleet asks a running daemon how its connection to the fleet is; nil: nobody is asked.
	Fleet func(ctx context.Context) (api.Fleet, error)
	// Verify checks the journal: what is wrong with it, nothing when it is sound; nil skips that.
	Verify func(ctx context.Context) (job.Text, error)
	// Moved tells of a journal that was moved to another till; nil skips that.
	Moved func(ctx context.Context) (what, fix job.Text, moved bool)
	// Service reads the unit of the installed service; nil or false: there is none.
	Service func(ctx context.Context) (service.Unit, bool)
	// Open opens a printer; nil is link.Open.
	Open func(ctx context.Context, device string) (link.Conn, error)
	Now  func() time.Time // nil is time.Now
}

// Bad tells whether a finding is a problem.
func Bad(list []Finding) bool {
	for _, f := range list {
		if f.Level == Problem {
			return true
		}
	}
	return false
}

// Run looks at everything, at the printers all at once. It takes up to some seconds when one of them does not answer.
func Run(ctx context.Context, o Options) []Finding {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Open == nil {
		o.Open = func(ctx context.Context, device string) (link.Conn, error) {
			return link.Open(ctx, device, link.Options{DialTimeout: 3 * time.Second})
		}
	}
	x := &examination{o: o}
	x.config()
	if o.Config == nil {
		return x.found
	}
	x.clock()
	x.daemon(ctx)
	x.ready(ctx)
	x.restart(ctx)
	x.receivers(ctx)
	x.network(ctx)
	x.captures(ctx)
	x.archive(ctx)
	x.fleet(ctx)
	x.within(folderTime, "drop_folder", o.Config.Spool.Dir, (*examination).folders)
	x.service(ctx)
	x.logFile()
	x.journal(ctx)
	x.templates()
	x.printers(ctx)
	return x.found
}

type examination struct {
	o       Options
	found   []Finding
	live    map[string]Live
	running bool // a daemon answers
	hidden  bool // nobody knows whether one runs
}

func (x *examination) add(check string, l Level, subject string, what, fix job.Text) {
	x.found = append(x.found, Finding{Check: check, Level: l, Subject: subject, What: what, Fix: fix})
}

func (x *examination) good(check, subject, zh, en string) {
	x.add(check, Good, subject, job.Text{Zh: zh, En: en}, job.Text{})
}

// because is a text that ends with why, in plain words.
func because(zh, en string, err error) job.Text {
	why := plain.Error(err)
	return text(zh+why.Zh, en+why.En)
}

func text(zh, en string) job.Text { return job.Text{Zh: zh, En: en} }
