package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/receiptd/receiptd/internal/filelock"
	"github.com/receiptd/receiptd/queue/record"
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
	db, err := openUnder(ctx, path, o)
	if errors.Is(err, ErrCorrupt) && o.ReplaceCorrupt {
		var kept string
		if kept, err = setAside(path, corruptMark, o.Now()); err == nil {
			o.Logger.Error("the journal was damaged: a new one begins, the old one is kept", "kept", kept)
			db, err = openUnder(ctx, path, o)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), filelock.Release(lock))
	}
	db.lock = lock
	return db, nil
}

// openUnder opens the journal under the lock, which it does not touch.
func openUnder(ctx context.Context, path string, o Options) (*DB, error) {
	opening := &opening{Options: o, path: path}
	if err := opening.keepLog(); err != nil {
		return nil, err
	}
	if err := opening.privateJournal(); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-4000)", "secure_delete(1)"))
	if err != nil {
		return nil, damage(err)
	}
	db := wire(path, o, conn)
	opening.w, opening.seal, opening.files, opening.space, opening.feed = db.w, &db.seal, &db.files, &db.space, &db.feed
	err = damage(opening.prepare(ctx))
	if err == nil {
		db.readers, err = openReaders(path, &db.identity, &db.contents)
	}
	if err != nil {
		return nil, errors.Join(err, db.w.close(), db.seal.file.close())
	}
	db.loss.Store(opening.loss)
	db.feed.read = func(ctx context.Context) record.View { return db.Read(ctx) }
	return db, nil
}

// wire joins the parts of a journal, and starts its writer.
func wire(path string, o Options, conn *conn) *DB {
	db := &DB{path: path}
	db.contents.init()
	db.space.log, db.space.journal = o.Logger, path
	b := base{log: o.Logger, conn: conn, id: &db.identity, contents: &db.contents, marks: &db.marks}
	db.w = startWriter(b, writerOptions{
		now: o.Now, space: &db.space, offer: o.Offer, publish: db.feed.publish, committed: db.seal.write, rested: db.tidier.run,
	})
	db.seal = sealer{path: path, base: &db.w.base, files: &db.files}
	db.tidier = tidier{path: path, log: o.Logger, now: o.Now, writer: db.w, seal: &db.seal}
	return db
}

// prepare brings a journal to the present schema and reads what the queue keeps in memory.
func (o *opening) prepare(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.migrate(ctx); err != nil {
		return err
	}
	if err := o.w.do(ctx, o.load); err != nil {
		return err
	}
	if o.AfterCrash != nil {
		if err := o.w.do(ctx, o.AfterCrash); err != nil {
			return err
		}
	}
	if err := o.w.do(ctx, o.seal.open); err != nil {
		o.Logger.Warn("the journal has no seal: a loss of its end would not be seen", "error", err)
	}
	if err := reserveLog(ctx, o.w, o.path); err != nil {
		o.Logger.Warn("the write-ahead log is not reserved: slips start slower", "error", err)
	}
	o.space.ballast = ballast{path: ballastPath(o.path), size: o.Ballast}
	if err := o.space.ballast.make(); err != nil {
		o.Logger.Warn("no ballast file: a full disk will stop answers too", "error", err)
	}
	return nil
}
