package journal

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
)

func (db *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	version, known, err := versions(db.w.conn.once)
	if err != nil {
		return err
	}
	if version > known {
		return fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, version, known)
	}
	if version > 0 && version < known {
		if err := db.keepVersion(ctx, version); err != nil {
			return err
		}
	}
	for i, name := range names[version:] {
		text, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", text, version+i+1)
		if err := db.w.conn.script(ctx, step); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

//go:embed schema/*.sql
var schema embed.FS

// versions gives the version of a journal's schema, 0 when it has none, and the one that this program knows.
func versions(row func(query string) record.Scanner) (version, known int, err error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return 0, 0, err
	}
	err = row("PRAGMA user_version").Scan(&version)
	return version, len(names), err
}
