package queue_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// TestMigration opens journals of every earlier schema.
func TestMigration(t *testing.T) {
	t.Parallel()
	steps, err := filepath.Glob("journal/schema/*.sql")
	if err != nil || len(steps) < 3 {
		t.Fatal(steps, err)
	}
	slices.Sort(steps)
	for version := 1; version < len(steps); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			s := newShop(t)
			s.asOf(steps[:version])
			s.open()
			p := &paper{}
			s.run(p)
			if a := s.accept(slip{id: "a"}.String()); a.Outcome != queue.Accepted {
				t.Fatal(a)
			}
			s.settled("a")
			if err := s.q.Journal.Verify(t.Context()); err != nil || p.count() != 2 {
				t.Error(err, p.pieces)
			}
		})
	}
}

// asOf takes the journal's place with an empty one of an older version: of the first steps.
func (s *shop) asOf(steps []string) {
	s.t.Helper()
	s.q.Close()
	s.path = filepath.Join(s.t.TempDir(), "journal.db")
	db := s.raw()
	defer db.Close()
	for _, step := range steps {
		text, err := os.ReadFile(step)
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := db.Exec("BEGIN;\n" + string(text) + "\nCOMMIT;"); err != nil { // one sync, not one for each statement
			s.t.Fatal(err)
		}
	}
	if _, err := db.Exec(fmt.Sprint("PRAGMA user_version = ", len(steps))); err != nil {
		s.t.Fatal(err)
	}
}

// TestMigrationIsWhole: where a step fails the journal is as it was, for the program that knows it.
func TestMigrationIsWhole(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.asOf([]string{"journal/schema/0001.sql"})
	db := s.raw()
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE openings (x)"); err != nil { // a later step wants to make it
		t.Fatal(err)
	}
	before := schemaOf(t, db)
	if q, err := queue.Open(t.Context(), s.path, s.o); err == nil {
		q.Close()
		t.Fatal("a journal is opened whose migration fails")
	}
	if now := schemaOf(t, db); now != before {
		t.Errorf("it was changed to\n%s", now)
	}
}

// schemaOf is the version and everything that a journal is made of.
func schemaOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	var version, all string
	if err := db.QueryRow("SELECT user_version, (SELECT group_concat(coalesce(sql, name), char(10)) FROM sqlite_schema) FROM pragma_user_version").Scan(&version, &all); err != nil {
		t.Fatal(err)
	}
	return version + "\n" + all
}

// TestNoTableForAnIndex looks at the conditions of indexes: SQLite makes a table of its own of a list with more than two
// members each time that a row is written.
func TestNoTableForAnIndex(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	db := s.raw()
	defer db.Close()
	rows, err := db.Query("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		if _, list, ok := strings.Cut(text, " IN ("); ok && strings.Count(list, ",") > 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var plan string
	var n int
	err = db.QueryRow("EXPLAIN QUERY PLAN SELECT 1 FROM copies WHERE printer = '' AND "+queue.IsOpen).Scan(&n, &n, &n, &plan)
	if err != nil || !strings.Contains(plan, "copies_open") {
		t.Error(plan, err)
	}
}

// raw opens the journal's file beside the queue.
func (s *shop) raw() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(s.path)+"?_pragma=busy_timeout(60000)") // a connection of the journal may be closing still
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}
