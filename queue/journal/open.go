package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Open opens the journal at path, making it when there is none. It takes the lock file "lock" in the same folder. Errors:
// ErrLocked, ErrCorrupt, ErrNewer.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	o.fill()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("journal path: %w", err)
	}
	lock, err := takeLock(filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return nil, err
	}
	db := &DB{o: o, log: o.Logger, path: path, lock: lock}
	db.readers.statements = map[string]*sql.Stmt{}
	db.contents.init()
	db.space.log, db.space.journal = o.Logger, path
	err = db.open(ctx)
	if errors.Is(err, ErrCorrupt) && o.ReplaceCorrupt {
		var kept string
		if kept, err = setAside(path, corruptMark, db.now()); err == nil {
			db.log.Error("the journal was damaged: a new one begins, the old one is kept", "kept", kept)
			err = db.open(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), lock.release())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context) error {
	if err := db.keepLog(); err != nil {
		return err
	}
	if err := db.privateJournal(); err != nil {
		return err
	}
	w, err := startWriter(ctx, db, dsn(db.path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-4000)", "secure_delete(1)"))
	if err != nil {
		return damage(err)
	}
	db.w = w
	if err := db.prepare(ctx); err != nil {
		return errors.Join(damage(err), w.close())
	}
	db.readers.pool, err = sql.Open("sqlite", dsn(db.path, "query_only(1)", "cache_size(-2000)"))
	if err != nil {
		return errors.Join(err, w.close())
	}
	db.readers.pool.SetMaxOpenConns(4)
	db.readers.pool.SetMaxIdleConns(4)
	return nil
}

// prepare brings a journal to the present schema and reads what the queue keeps in memory.
func (db *DB) prepare(ctx context.Context) error {
	if err := db.check(); err != nil {
		return err
	}
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.load); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.settleCrash); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.sealJournal); err != nil {
		db.log.Warn("the journal has no seal: a loss of its end would not be seen", "error", err)
	}
	if err := db.reserveLog(ctx); err != nil {
		db.log.Warn("the write-ahead log is not reserved: slips start slower", "error", err)
	}
	db.space.ballast = ballast{path: ballastPath(db.path), size: db.o.Ballast}
	if err := db.space.ballast.make(); err != nil {
		db.log.Warn("no ballast file: a full disk will stop answers too", "error", err)
	}
	return nil
}

// settleCrash lets the rules settle what a crash left.
func (db *DB) settleCrash(t *Tx) error {
	if db.o.AfterCrash == nil {
		return nil
	}
	return db.o.AfterCrash(t)
}

// check finds a damaged file early where that is cheap.
func (db *DB) check() error {
	info, err := os.Stat(db.path)
	if err != nil || info.Size() > checkedSize {
		return err
	}
	var found string
	if err := db.w.conn.once("PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, found)
	}
	return nil
}

// keepLog keeps the write-ahead log of a journal that is gone or empty aside: SQLite would remove it, and it may hold all that is
// left.
func (db *DB) keepLog() error {
	if info, err := os.Stat(db.path); err == nil && info.Size() > 0 {
		return nil
	}
	if info, err := os.Stat(db.path + "-wal"); err != nil || info.Size() == 0 {
		return nil
	}
	kept, err := setAside(db.path, lostMark, db.now())
	if err == nil {
		db.log.Error("the journal is gone or empty: its write-ahead log is kept", "kept", kept+"-wal")
	}
	return err
}

// privateJournal makes the journal's file when there is none, and gives it and the files beside it their mode. SQLite gives the
// side files that it makes later the mode of the journal. Nobody may have the journal open.
func (db *DB) privateJournal() error {
	if err := privateFile(db.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := private(db.path, db.path+"-wal"); err != nil {
		db.log.Warn("the journal's files may be readable by others", "error", err)
	}
	if err := ownLocks(db.path + "-shm"); err != nil {
		db.log.Warn("others may lock the journal", "error", err)
	}
	return nil
}
