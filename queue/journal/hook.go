package journal

import (
	"strconv"
)

// Hooks is what tests of this package and of those above it need to stop the process at a commit, to keep its files as they are, and to fill a
// disk that is not full. The daemon makes none.
type Hooks struct {
	w *writer
	d *tidier
}

// HooksOf gives the hooks of an open journal.
func HooksOf(db *DB) Hooks { return Hooks{db.w, &db.tidier} }

// SetHook has hook called before and after each commit, by the writer, from the commit that SetHook is itself part of.
func (h Hooks) SetHook(hook func(point string)) {
	h.inside(func(*Tx) error { h.w.hook = hook; return nil })
}

// SetProof moves the counter of proofs.
func (h Hooks) SetProof(n int64) {
	h.inside(func(t *Tx) error { t.proof = n; return nil })
}

// Given tells the last numbers of jobs and copies.
func (h Hooks) Given() (job, copy int64) {
	h.inside(func(t *Tx) error { job, copy = t.job, t.copy; return nil })
	return job, copy
}

// LimitPages makes the file system look full to SQLite when the journal has grown by so many pages; a negative number lifts it.
func (h Hooks) LimitPages(more int) {
	h.inside(func(t *Tx) error {
		n := 1 << 30
		if more >= 0 {
			if err := t.Row("PRAGMA page_count").Scan(&n); err != nil {
				return err
			}
			n += more
		}
		return t.conn.script(background, "PRAGMA max_page_count = "+strconv.Itoa(n))
	})
}

// FailCommit makes the next transaction fail after its last statement, as a full or broken disk does.
func (h Hooks) FailCommit() {
	own := true // the commit that sets the hook
	h.SetHook(func(point string) {
		switch {
		case point == "after commit":
			own = false
		case !own:
			h.w.hook = nil
			_ = h.w.conn.script(background, "ROLLBACK")
		}
	})
}

// Hold keeps the journal from tidying itself until release is called: a part of the log in the journal without the rest is nothing that
// anybody could read. Checkpoint goes on to work.
func (h Hooks) Hold() (release func()) {
	h.d.mu.Lock()
	return h.d.mu.Unlock
}

// inside runs fn in a transaction and returns when fn did, not when the transaction is on disk: a hook may be in its way.
func (h Hooks) inside(fn func(*Tx) error) {
	done := make(chan struct{})
	h.w.requests <- &request{done: make(chan error, 1), fn: func(t *Tx) error {
		defer close(done)
		return fn(t)
	}}
	<-done
}
