package journal

import "time"

// An identity tells a journal from others. It is written while the journal is opened, and only read afterwards.
type identity struct {
	born     time.Time // of this journal file
	replaced bool      // an earlier journal was lost: copies made before born are unknown
	birthID  int64     // its seal names it
	nonce    [6]byte   // random part of copy ids
}
