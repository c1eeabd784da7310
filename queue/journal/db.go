package journal

import (
	"database/sql"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// A DB is an open journal: one file, its lock and what lies beside it. Its methods may be used by many goroutines.
type DB struct {
	o    Options
	log  *slog.Logger
	path string
	lock *fileLock

	readers      readers
	w            *writer
	feed         feed
	identity     // written while the journal is opened, read only afterwards
	space        space
	fileSeq      fileNumbers
	contents     contents
	loss         atomic.Pointer[Loss] // nil: none that stands
	marksVersion atomic.Int64         // see Tx.ChangeMarks
	tidying      sync.WaitGroup       // the goroutines that run tidy
	tidyMu       sync.Mutex           // held while the journal is tidied
}

// identity tells this journal from others.
type identity struct {
	born     time.Time // of this journal file
	replaced bool      // an earlier journal was lost: copies made before born are unknown
	birthID  int64     // its seal names it
	nonce    [6]byte   // random part of copy ids
}

// readers is the pool of connections that only read.
type readers struct {
	pool *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt // guarded by mu; prepared once, kept until the pool is closed
}

// Born is when this journal began, and whether an earlier one was lost before it.
func (db *DB) Born() (at time.Time, replaced bool) { return db.born, db.replaced }

func (db *DB) now() time.Time { return db.o.Now() }
