package journal

import (
	"errors"
	"io/fs"
	"os"
)

// An opening is what opening a journal needs, and nobody needs afterwards.
type opening struct {
	Options
	path  string
	w     *writer
	seal  *sealer
	files *fileNumbers
	space *space
	feed  *Feed

	loss *Loss // found out: what stands, nil for none
}

// check finds a damaged file early where that is cheap.
func (o *opening) check() error {
	info, err := os.Stat(o.path)
	if err != nil || info.Size() > checkedSize {
		return err
	}
	var found string
	if err := o.w.conn.once("PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return damaged(brokenPages([]string{found}))
	}
	return nil
}

// keepLog keeps the write-ahead log of a journal that is gone or empty aside: SQLite would remove it, and it may hold all that is
// left.
func (o *opening) keepLog() error {
	if info, err := os.Stat(o.path); err == nil && info.Size() > 0 {
		return nil
	}
	if info, err := os.Stat(o.path + "-wal"); err != nil || info.Size() == 0 {
		return nil
	}
	kept, err := setAside(o.path, lostMark, o.Now())
	if err == nil {
		o.Logger.Error("the journal is gone or empty: its write-ahead log is kept", "kept", kept+"-wal")
	}
	return err
}

// privateJournal makes the journal's file when there is none, and gives it and the files beside it their mode. SQLite gives the
// side files that it makes later the mode of the journal. Nobody may have the journal open.
func (o *opening) privateJournal() error {
	if err := privateFile(o.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := private(o.path, o.path+"-wal"); err != nil {
		o.Logger.Warn("the journal's files may be readable by others", "error", err)
	}
	if err := ownLocks(o.path + "-shm"); err != nil {
		o.Logger.Warn("others may lock the journal", "error", err)
	}
	return nil
}
