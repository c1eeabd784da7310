package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/receiptd/receiptd/internal/sqlitefile"
)

// Errors that callers branch on.
var (
	ErrLocked   = errors.New("another hub uses this folder")
	ErrFull     = errors.New("the disk of the hub's store is full")
	ErrBusy     = errors.New("another program holds the hub's store")
	ErrNewer    = errors.New("the hub's store was written by a newer receiptd")
	ErrDamaged  = errors.New("the hub's store is damaged")
	ErrNever    = errors.New("the hub's store will never take this")
	ErrNotFound = errors.New("not found")
)

// File is the store's name in its folder.
const File = "hub.db"

// version is that of the schema.
const version = 1

//go:embed schema.sql
var schema string

// Options are what a Store needs.
type Options struct {
	Now func() time.Time // nil is time.Now
	// MostPages bounds the file, as a full disk does; tests only. 0: the disk does.
	MostPages int
	// Patience is how long a write waits for another program that holds the file; 0 is 5 s.
	Patience time.Duration
}

// A Store is one opened folder.
type Store struct {
	o       Options
	path    string
	opened  time.Time
	lock    *sql.DB
	pool    *sql.DB // reads
	w       writer
	watched watched

	mu    sync.Mutex       // guards what follows; never held while the disk is waited for
	shops map[string]*Shop // each stays as it is: a changed one takes its place
}

// Open opens the store in a folder, and makes both where there are none. Errors: ErrLocked, ErrNewer, ErrDamaged, ErrFull.
func Open(ctx context.Context, dir string, o Options) (s *Store, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the hub's folder: %w", err)
	}
	s = &Store{o: o, path: filepath.Join(dir, File), opened: o.Now(), shops: map[string]*Shop{}}
	s.watched.more = make(chan struct{})
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open the hub's store %s: %w", s.path, sorted(err)), s.Close())
		}
	}()
	if s.lock, err = takeLock(ctx, filepath.Join(dir, "hub.lock")); err != nil {
		return s, err
	}
	if err := private(s.path); err != nil {
		return s, err
	}
	if err := s.w.open(ctx, s.dsn("journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)", "cache_size(-8000)", fmt.Sprintf("max_page_count(%d)", max(o.MostPages, 0)))); err != nil {
		return s, err
	}
	if s.pool, err = sql.Open("sqlite", s.dsn("query_only(1)", "cache_size(-4000)")); err != nil {
		return s, err
	}
	s.pool.SetMaxOpenConns(4)
	s.pool.SetMaxIdleConns(2)
	if err := s.prepare(ctx); err != nil {
		return s, err
	}
	return s, s.load(ctx)
}

// Close gives the folder up.
func (s *Store) Close() error {
	var errs []error
	if s.pool != nil {
		errs = append(errs, s.pool.Close())
	}
	errs = append(errs, s.w.close())
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// prepare brings the file to the present schema.
func (s *Store) prepare(ctx context.Context) error {
	return s.w.do(ctx, func(t *tx) error {
		var have int
		if err := t.row("PRAGMA user_version").Scan(&have); err != nil {
			return err
		}
		switch {
		case have > version:
			return ErrNewer
		case have == version:
			return nil
		}
		if _, err := t.conn.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err := t.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
		return err
	})
}

// private makes the file for its owner and group alone; SQLite gives those beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// takeLock keeps a second hub off the folder: an open transaction on a file of its own, which the system ends with the process.
func takeLock(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", sqlitefile.DSN(path, "busy_timeout(0)", "locking_mode(EXCLUSIVE)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		if sqlitefile.Code(err) == sqlite3.SQLITE_BUSY {
			err = ErrLocked
		}
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (s *Store) dsn(pragmas ...string) string {
	return sqlitefile.DSN(s.path, append([]string{fmt.Sprintf("busy_timeout(%d)", s.o.Patience.Milliseconds())}, pragmas...)...)
}

// sorted gives an error of SQLite its name.
func sorted(err error) error {
	switch sqlitefile.Code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH: // it is about what was to be stored, whenever that is tried
		return fmt.Errorf("%w: %w", ErrNever, err)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// A writer owns the connection that writes: one transaction at a time.
type writer struct {
	db *sql.DB

	mu         sync.Mutex // guards what follows, and is held while a transaction runs
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func (w *writer) open(ctx context.Context, dsn string) (err error) {
	if w.db, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	w.statements = map[string]*sql.Stmt{}
	w.conn, err = w.db.Conn(ctx)
	return err
}

func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, s := range w.statements {
		errs = append(errs, s.Close())
	}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close())
	}
	return errors.Join(errs...)
}

// do runs fn in a transaction: it is on disk when do returns nil, else it did not happen.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what was begun ends
	t := &tx{w: w, conn: w.conn, ctx: ctx}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return sorted(err)
	}
	err := fn(t)
	if err == nil {
		_, err = w.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = w.conn.ExecContext(ctx, "ROLLBACK") // SQLite may have done so itself
	}
	return sorted(err)
}

// A tx is one transaction.
type tx struct {
	w    *writer
	conn *sql.Conn
	ctx  context.Context
}

func (t *tx) prepared(query string) (*sql.Stmt, error) {
	if s := t.w.statements[query]; s != nil {
		return s, nil
	}
	s, err := t.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60s: %w", query, err)
	}
	t.w.statements[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) (changed int64, err error) {
	s, err := t.prepared(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	s, err := t.prepared(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

func (t *tx) row(query string, args ...any) *sql.Row {
	return t.conn.QueryRowContext(t.ctx, query, args...)
}

// ms is a time in the file; 0 is none.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
