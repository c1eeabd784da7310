package rules

import (
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Arrival is one request as it came in.
type Arrival struct {
	File      string // its name in the drop folder, "" when it is no file
	FileSeq   int64  // from NextFileSeq, when File is set: the same number is answered only once; 0: one is taken
	Parsed    job.Result
	Source    vocabulary.Source
	Permitted bool          // the asker may give the commands that need a permission (a token with the supervisor's PIN)
	Age       time.Duration // how long ago it came, as far as is known; an old reprint command is refused

	Again bool // what a program printed is word for word what it printed a moment ago over another connection: perhaps the same slip
	Wish  Wish // what becomes of a pulse for the drawer in it
	Half  bool // it broke off: nothing of it is printed before a person says so

	kept []byte // the job's content as the journal keeps it; made before the transaction
}

// maxCommandAge is the age from which a reprint command in the drop folder is refused: nobody waits for it any more.
const maxCommandAge = 60 * time.Second

// A Wish says how a pulse in what a program printed is taken.
type Wish string

// The wishes.
const (
	WishNone Wish = ""     // there was none, or it is not passed on
	WishPass Wish = "pass" // the drawer is opened
	WishAsk  Wish = "ask"  // a person is asked first
)
