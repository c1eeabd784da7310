package journal

import (
	"errors"
)

// Errors that callers branch on.
var (
	ErrLocked  = errors.New("another receiptd uses this data folder")
	ErrCorrupt = errors.New("the journal is damaged")
	ErrNewer   = errors.New("the journal was written by a newer receiptd")
	ErrClosed  = errors.New("the journal is closed")
	ErrBusy    = errors.New("another program holds the journal")
	ErrFull    = errors.New("the disk is full") // nothing was taken; ask again later
)
