package daemon

import (
	"errors"
	"log/slog"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer"
)

// newWatch watches the link of a printer.
func newWatch(c config.Printer, log *slog.Logger) *diagnosis.Watch {
	w := diagnosis.NewWatch(c.Name, c.Device, log)
	w.Sort = func(err error) diagnosis.Cause {
		var stranger *printer.StrangerError
		if errors.As(err, &stranger) {
			return diagnosis.Stranger
		}
		return ""
	}
	return w
}

// diagnose adds to what is shown of a printer why it cannot be used.
func (s *station) diagnose(out *api.Printer, st printer.Status) {
	d, sure := s.trouble(st)
	if d.Cause == "" {
		return
	}
	out.Text, out.Cause, out.What, out.Fix, out.Error = d.Text(), string(d.Cause), d.What, d.Fix, d.Err
	switch {
	case d.Cause != diagnosis.Dark || st.State == printer.Down:
	case sure:
		out.State, out.Reason = printer.Down, printer.Offline
	default:
		out.State = printer.Unknown
	}
}

// trouble says why a printer cannot be used, the zero value when it can or says so itself. sure is false for a serial line that
// may have a printer behind it although no line tells so.
func (s *station) trouble(st printer.Status) (d diagnosis.Diagnosis, sure bool) {
	switch st.State {
	case printer.Down:
		if d = s.watch.Trouble(); d.Cause == "" {
			d = s.watch.Silence()
		}
		return d, true
	case printer.Ready, printer.Idle, printer.Unknown:
		// One that is never asked is taken to be well: its line may tell that nothing is on.
		if dark, sure := s.watch.Dark(); dark && st.Tier == 'D' {
			return s.watch.Silence(), sure
		}
	}
	return diagnosis.Diagnosis{}, false
}

// tell has the log told of a printer that says nothing, once, and of the end of any trouble. That a link does not open is told where
// it is opened; one that was lost only if it does not open again.
func (s *station) tell(st printer.Status) {
	switch st.State {
	case printer.Down:
		if st.Reason == printer.Offline {
			s.watch.Tell(s.watch.Silence())
		}
	case printer.Ready, printer.Printing, printer.OnHold: // it has answered, or is never asked
		s.watch.Answered()
		d, _ := s.trouble(st)
		s.watch.Tell(d)
	}
}
