package record

import (
	"errors"
	"time"

	"github.com/receiptd/receiptd/job"
)

// ErrNotFound says that there is no such row.
var ErrNotFound = errors.New("not found")

// A Scanner reads the columns of one row.
type Scanner interface{ Scan(...any) error }

// Failed is a row that could not be asked for.
type Failed struct{ Err error }

// Scan gives the error.
func (f Failed) Scan(...any) error { return f.Err }

// Rows is what *sql.Rows and the rows of the writer have in common.
type Rows interface {
	Scanner
	Next() bool
	Err() error
	Close() error
}

// A Source reads rows: a transaction of the writer, or the readers' pool.
type Source interface {
	Query(query string, args ...any) (Rows, error)
	Row(query string, args ...any) Scanner
}

// A View is a source that also knows what is not in the tables: the journal's share of the copies' ids, and the contents at hand.
type View interface {
	Source
	CopyID(seq, asked int64) string
	Job(seq int64) (*job.Job, error)
}

// Column reads the one column that a query gives.
func Column[T int64 | string](s Source, query string, args ...any) ([]T, error) {
	rows, err := s.Query(query, args...)
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

// Millis gives a time as the journal keeps it: milliseconds since 1970, 0 for no time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis reads what Millis gave.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// OrNull gives NULL for the number that stands for none: SQLite's own function for it costs more than the rest of the value.
func OrNull(n, none int64) any {
	if n == none {
		return nil
	}
	return n
}
