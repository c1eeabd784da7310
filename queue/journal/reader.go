package journal

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// Reader is a source outside the writer.
type Reader struct {
	ctx        context.Context // of the one call that made it
	db         *DB
	unprepared bool // its queries are hardly ever asked twice
}

// Query asks for rows.
func (r Reader) Query(query string, args ...any) (record.Rows, error) {
	if r.unprepared {
		return orNil(r.db.readers.pool.QueryContext(r.ctx, query, args...))
	}
	s, err := r.db.prepared(query)
	if err != nil {
		return nil, err
	}
	return orNil(s.QueryContext(r.ctx, args...))
}

// Row is Query for one row; Scan gives the error.
func (r Reader) Row(query string, args ...any) record.Scanner {
	s, err := r.db.prepared(query)
	if err != nil {
		return record.Failed{Err: err}
	}
	return s.QueryRowContext(r.ctx, args...)
}

// CopyID gives the public id of a copy.
func (r Reader) CopyID(seq, asked int64) string { return record.CopyID(r.db.nonce, seq, asked) }

// Job gives the content of a kept job. Error: ErrNotFound.
func (r Reader) Job(seq int64) (*job.Job, error) { return r.db.contents.job(r, seq) }

// Unprepared is the reader for queries that are hardly ever asked twice.
func (r Reader) Unprepared() Reader {
	r.unprepared = true
	return r
}

// prepared gives a statement of the readers' pool.
func (db *DB) prepared(query string) (*sql.Stmt, error) {
	db.readers.mu.Lock()
	defer db.readers.mu.Unlock()
	if s := db.readers.statements[query]; s != nil {
		return s, nil
	}
	s, err := db.readers.pool.PrepareContext(background, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60s: %w", query, err)
	}
	db.readers.statements[query] = s
	return s, nil
}
