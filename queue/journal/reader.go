package journal

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// readers is the pool of connections that only read.
type readers struct {
	id       *identity
	contents *contents
	pool     *sql.DB

	mu         sync.Mutex
	statements map[string]*sql.Stmt // guarded by mu; prepared once, kept until the pool is closed
}

// openReaders opens the pool of a journal that is open for writing.
func openReaders(path string, id *identity, c *contents) (*readers, error) {
	pool, err := sql.Open("sqlite", dsn(path, "query_only(1)", "cache_size(-2000)"))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(4)
	pool.SetMaxIdleConns(4)
	return &readers{id: id, contents: c, pool: pool, statements: map[string]*sql.Stmt{}}, nil
}

// Reader is a source outside the writer.
type Reader struct {
	ctx        context.Context // of the one call that made it
	from       *readers
	unprepared bool // its queries are hardly ever asked twice
}

// Query asks for rows.
func (r Reader) Query(query string, args ...any) (record.Rows, error) {
	if r.unprepared {
		return orNil(r.from.pool.QueryContext(r.ctx, query, args...))
	}
	s, err := r.from.prepared(query)
	if err != nil {
		return nil, err
	}
	return orNil(s.QueryContext(r.ctx, args...))
}

// Row is Query for one row; Scan gives the error.
func (r Reader) Row(query string, args ...any) record.Scanner {
	s, err := r.from.prepared(query)
	if err != nil {
		return record.Failed{Err: err}
	}
	return s.QueryRowContext(r.ctx, args...)
}

// CopyID gives the public id of a copy.
func (r Reader) CopyID(seq, asked int64) string { return record.CopyID(r.from.id.nonce, seq, asked) }

// Job gives the content of a kept job. Error: ErrNotFound.
func (r Reader) Job(seq int64) (*job.Job, error) { return r.from.contents.job(r, seq) }

// Unprepared is the reader for queries that are hardly ever asked twice.
func (r Reader) Unprepared() Reader {
	r.unprepared = true
	return r
}

// prepared gives a statement of the readers' pool.
func (r *readers) prepared(query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.statements[query]; s != nil {
		return s, nil
	}
	s, err := r.pool.PrepareContext(background, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60s: %w", query, err)
	}
	r.statements[query] = s
	return s, nil
}
