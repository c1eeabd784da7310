package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"

	"modernc.org/sqlite"

	"github.com/receiptd/receiptd/queue/record"
)

// A conn is the writer's connection: the driver's own, without the pool of database/sql, whose locks and conversions cost a
// fifth of an accept. One goroutine at a time uses it, and no statement while its own rows are read.
type conn struct {
	driver.Conn
	statements map[string]*statement
	args       []driver.NamedValue // of the statement that is run: the driver keeps none
}

// A statement is prepared once and kept.
type statement struct {
	runner
}

// runner is what the driver's statements do.
type runner interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func connect(ctx context.Context, dsn string) (*conn, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	d, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: d, statements: map[string]*statement{}}, nil
}

// Close gives up the statements, then the connection.
func (c *conn) Close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}

// script runs statements that are not kept, several too.
func (c *conn) script(ctx context.Context, text string) error {
	_, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
	return err
}

// once asks for one row outside a transaction, before there is any.
func (c *conn) once(query string) record.Scanner {
	s, err := c.prepared(query)
	if err != nil {
		return record.Failed{Err: err}
	}
	return c.row(s, nil)
}

func (c *conn) prepared(query string) (*statement, error) {
	if s := c.statements[query]; s != nil {
		return s, nil
	}
	d, err := c.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60s: %w", query, err)
	}
	s := &statement{d.(runner)}
	c.statements[query] = s
	return s, nil
}

// values makes of arguments what the driver takes, good until the next statement.
func (c *conn) values(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, a := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: record.Value(a)})
	}
	return c.args
}

func (c *conn) exec(s *statement, args []any) error {
	_, err := s.ExecContext(background, c.values(args))
	return err
}

func (c *conn) query(s *statement, args []any) (*cursor, error) {
	r, err := s.QueryContext(background, c.values(args))
	if err != nil {
		return nil, err
	}
	return &cursor{r: r, row: make([]driver.Value, len(r.Columns()))}, nil
}

// row is query for one row; Scan gives the error.
func (c *conn) row(s *statement, args []any) record.Scanner {
	r, err := c.query(s, args)
	if err != nil {
		return record.Failed{Err: err}
	}
	return first{r}
}

// A cursor reads the rows of the writer's questions.
type cursor struct {
	r    driver.Rows
	row  []driver.Value
	err  error
	over bool
}

// Next reads a row. After the last one, or an error, the cursor is closed.
func (c *cursor) Next() bool {
	if c.over {
		return false
	}
	err := c.r.Next(c.row)
	if err == nil {
		return true
	}
	if !errors.Is(err, io.EOF) {
		c.err = err
	}
	c.err = errors.Join(c.err, c.Close())
	return false
}

// Err is what ended the reading, nil for the last row.
func (c *cursor) Err() error { return c.err }

// Close ends the reading. It may be called again.
func (c *cursor) Close() error {
	if c.over {
		return nil
	}
	c.over = true
	return c.r.Close()
}

// Scan gives the row's values.
func (c *cursor) Scan(dest ...any) error {
	if len(dest) != len(c.row) {
		return fmt.Errorf("%d columns are read into %d", len(c.row), len(dest))
	}
	for i, d := range dest {
		if err := assign(d, c.row[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// assign writes one value of the driver's.
func assign(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *int:
		if n, ok := v.(int64); ok {
			*d = int(n)
			return nil
		}
	case *bool:
		if n, ok := v.(int64); ok {
			*d = n != 0
			return nil
		}
	case *[]byte:
		switch v := v.(type) {
		case []byte, nil:
			*d, _ = v.([]byte)
			return nil
		case string:
			*d = []byte(v)
			return nil
		}
	case sql.Scanner:
		return d.Scan(v)
	}
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer {
		return fmt.Errorf("nothing can be written into %T", dest)
	}
	to = to.Elem()
	if to.Kind() == reflect.Pointer { // nil is for NULL
		if v == nil {
			to.SetZero()
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return assign(to.Interface(), v)
	}
	switch v := v.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case int64:
		if to.CanInt() && !to.OverflowInt(v) {
			to.SetInt(v)
			return nil
		}
	}
	return fmt.Errorf("%T does not go into %T", v, dest)
}

// A first gives one row and ends.
type first struct{ *cursor }

// Scan reads the row. Error: sql.ErrNoRows.
func (f first) Scan(dest ...any) error {
	if !f.Next() {
		if f.err != nil {
			return f.err
		}
		return sql.ErrNoRows
	}
	return errors.Join(f.cursor.Scan(dest...), f.Close())
}
