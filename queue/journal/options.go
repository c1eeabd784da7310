package journal

import (
	"log/slog"
	"time"
)

// Options tunes a DB. The zero value works.
type Options struct {
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now

	// ReplaceCorrupt lets Open begin a new journal when the old one is damaged; the old one is kept aside.
	ReplaceCorrupt bool
	// Traces names what only a journal that was here before can have left: when there is none beside them, it was lost. It is
	// called when there is no journal; nil gives nothing.
	Traces func() []string
	// Home tells where the journal lies, so that a copy of it is found out; nil tells nothing.
	Home func(path string) Home
	// Ballast is the size in bytes of the file given up when the disk is full; 0 is 64 MiB, negative is none.
	Ballast int64

	// AfterCrash is called in a transaction of its own as soon as the journal can be written: it settles what a crash left. nil
	// settles nothing.
	AfterCrash func(*Tx) error
	// Offer is called when all that a transaction holds is written, before it is committed. It may hand the first copy that the
	// transaction made (see Tx.SetFirstCopy) to a printer without work: the transaction waits a moment for that copy's start, see
	// startTime. nil: no copy is ever handed to a printer like that.
	Offer func(*Tx) Offered
}

// Offered is the copy that was handed to a printer.
type Offered struct {
	Copy int64           // its number; 0: there is none
	Over <-chan struct{} // closed when that printer has done with it for now, whether it began or not
}

func (o *Options) fill() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ballast == 0 {
		o.Ballast = 64 << 20
	}
}
