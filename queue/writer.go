package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// bg is the context of statements: they are short, and one that was begun ends.
var bg = context.Background()

// maxGroup is how many requests one transaction takes at most.
const maxGroup = 256

// A writer owns the one connection that writes. What is asked while a transaction is being synced to disk forms the
// next one.
type writer struct {
	q    *Queue
	conn *conn
	ops  chan *op
	quit chan struct{}
	dead chan struct{}

	proof  int64   // the last proof counter handed out; a rolled back one is lost, never used twice
	given  numbers // on disk
	digest digest  // of the row that is written
	seal   sealFile

	hook func(point string) // tests stop the process here; nil otherwise
}

// joinTime is how long a transaction waits for a printer without work that was offered a copy. Its start, which follows in
// a fraction of that, shares the commit then: a slip that comes alone waits once for the disk, not twice.
const joinTime = time.Millisecond

// An op is one request to the writer. It may run twice: when another one of its group fails.
type op struct {
	fn     func(*tx) error
	starts int64 // the copy whose attempt it begins, 0 for others
	quiet  bool  // the journal goes on resting
	done   chan error
}

func startWriter(ctx context.Context, q *Queue, dsn string) (*writer, error) {
	conn, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	w := &writer{q: q, conn: conn, ops: make(chan *op, maxGroup), quit: make(chan struct{}), dead: make(chan struct{})}
	go w.run()
	return w, nil
}

// do runs fn in a transaction and returns when it is on disk, or did not happen. When ctx ends before that, it is
// unknown whether it happens: ask again under the same id.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	return w.ask(ctx, &op{fn: fn, done: make(chan error, 1)})
}

// start is do for the request that begins an attempt of a copy.
func (w *writer) start(ctx context.Context, copySeq int64, fn func(*tx) error) error {
	return w.ask(ctx, &op{fn: fn, starts: copySeq, done: make(chan error, 1)})
}

func (w *writer) ask(ctx context.Context, o *op) error {
	select {
	case w.ops <- o:
	case <-w.dead:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-w.dead:
		select {
		case err := <-o.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// close runs what is asked already and ends the writer.
func (w *writer) close() error {
	select {
	case <-w.quit:
		return nil
	default:
	}
	close(w.quit)
	<-w.dead
	w.q.tidying.Wait()
	return errors.Join(w.conn.Close(), w.seal.close())
}

func (w *writer) run() {
	defer close(w.dead)
	group := make([]*op, 0, maxGroup)
	rest := time.NewTimer(restAfter)
	rest.Stop() // until the first request: the one who opens a journal uses its connection before, for as long as a migration takes
	defer rest.Stop()
	for {
		group = group[:0]
		select {
		case o := <-w.ops:
			group = append(group, o)
		case <-rest.C:
			w.q.tidying.Go(w.q.tidy)
			continue
		case <-w.quit:
			select {
			case o := <-w.ops:
				group = append(group, o)
			default:
				return
			}
		}
		for len(group) < maxGroup {
			select {
			case o := <-w.ops:
				group = append(group, o)
				continue
			default:
			}
			break
		}
		w.commit(group)
		if slices.ContainsFunc(group, func(o *op) bool { return !o.quiet }) {
			rest.Reset(restAfter)
		}
	}
}

// commit runs a group in one transaction; when one of them fails, each alone.
func (w *writer) commit(group []*op) {
	group, err := w.try(group)
	if err != nil && w.noSpace(err) && w.q.giveBallast() {
		group, err = w.try(group)
	}
	if err != nil && len(group) > 1 {
		for _, o := range group {
			w.commit([]*op{o})
		}
		return
	}
	for _, o := range group {
		o.done <- err
	}
}

func (w *writer) noSpace(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return true // the write-ahead log's index could not grow
	}
	return sqliteCode(err) == sqlite3.SQLITE_FULL
}

// try runs a group in one transaction. It gives the group with what joined it.
func (w *writer) try(group []*op) (all []*op, err error) {
	t := &tx{w: w, q: w.q, now: w.q.now(), numbers: w.given}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return group, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			_ = t.exec("ROLLBACK") // SQLite may have done it already
			for _, f := range t.undo {
				f()
			}
		}
	}()
	for _, o := range group {
		if err := t.run(o.fn); err != nil {
			return group, err
		}
	}
	if err := t.writeLast(); err != nil { // an offer that cannot be made is no error, this is
		return group, err
	}
	if group, err = t.join(group, t.offer()); err != nil {
		return group, err
	}
	if err := t.writeLast(); err != nil {
		return group, err
	}
	w.point("before commit")
	if err := t.exec("COMMIT"); err != nil {
		return group, fmt.Errorf("commit: %w", err)
	}
	w.point("after commit")
	w.given = t.numbers
	w.q.feed.publish(t.events)
	for _, f := range t.after {
		f()
	}
	w.writeSeal()
	return group, nil
}

// join takes requests into a running transaction until the offered copy begins, at most for joinTime.
func (t *tx) join(group []*op, offered int64) ([]*op, error) {
	if offered == 0 {
		return group, nil
	}
	over := time.NewTimer(joinTime)
	defer over.Stop()
	for len(group) < maxGroup {
		select {
		case o := <-t.w.ops:
			group = append(group, o)
			if err := t.run(o.fn); err != nil || o.starts == offered {
				return group, err
			}
		case <-over.C:
			return group, nil
		}
	}
	return group, nil
}

func (w *writer) point(name string) {
	if w.hook != nil {
		w.hook(name)
	}
}

// A tx is one transaction of the writer. Nothing outside the database may change in it: see after.
type tx struct {
	w   *writer
	q   *Queue
	now time.Time
	numbers
	events []Event
	after  []func() // run once, when the transaction is on disk
	undo   []func() // run when it is rolled back
	marks  bool     // something that marks depend on changed
	first  *offer   // the first copy that it made
	batchMemory
}

// run keeps one bad request from ending the process.
func (t *tx) run(fn func(*tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.q.log.Error("a request to the journal failed", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	return fn(t)
}

// statement prepares for a statement to be run. One that is about batches must see what the transaction has not written yet.
func (t *tx) statement(query string) (*statement, error) {
	s, err := t.w.conn.prepared(query)
	if err == nil && s.batches {
		err = t.writeLast()
	}
	return s, err
}

func (t *tx) exec(query string, args ...any) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	if s.batches {
		t.numberedBefore = nil
	}
	return t.w.conn.exec(s, args)
}

func (t *tx) query(query string, args ...any) (rows, error) {
	s, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	r, err := t.w.conn.query(s, args)
	if err != nil {
		return nil, err // not a nil cursor that looks like rows
	}
	return r, nil
}

// row is query for one row; Scan gives the error.
func (t *tx) row(query string, args ...any) scanner {
	s, err := t.statement(query)
	if err != nil {
		return failed{err}
	}
	return t.w.conn.row(s, args)
}

type scanner interface{ Scan(...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// A source reads rows: a transaction of the writer, or the readers' pool.
type source interface {
	query(query string, args ...any) (rows, error)
	row(query string, args ...any) scanner
}

// reader is a source outside the writer.
type reader struct {
	ctx   context.Context // of the one call that made it
	q     *Queue
	adhoc bool // its queries are hardly ever asked twice
}

func (r reader) query(query string, args ...any) (rows, error) {
	if r.adhoc {
		return orNil(r.q.rdb.QueryContext(r.ctx, query, args...))
	}
	s, err := r.q.prepared(query)
	if err != nil {
		return nil, err
	}
	return orNil(s.QueryContext(r.ctx, args...))
}

// orNil keeps a nil pointer from looking like rows.
func orNil(r *sql.Rows, err error) (rows, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r reader) row(query string, args ...any) scanner {
	s, err := r.q.prepared(query)
	if err != nil {
		return failed{err}
	}
	return s.QueryRowContext(r.ctx, args...)
}

func (q *Queue) reader(ctx context.Context) reader { return reader{ctx: ctx, q: q} }

// prepared gives a statement of the readers' pool.
func (q *Queue) prepared(query string) (*sql.Stmt, error) {
	q.stmtMu.Lock()
	defer q.stmtMu.Unlock()
	if s := q.stmts[query]; s != nil {
		return s, nil
	}
	s, err := q.rdb.PrepareContext(bg, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60s: %w", query, err)
	}
	q.stmts[query] = s
	return s, nil
}

// column reads the one column that a query gives.
func column[T int64 | string](s source, query string, args ...any) ([]T, error) {
	rows, err := s.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
