package journal

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/receiptd/receiptd/queue/record"
)

//go:embed schema/*.sql
var schema embed.FS

// schemaSteps names the files that bring a journal from each form to the next, in order.
func schemaSteps() ([]string, error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	slices.Sort(names)
	return names, err
}

// versions gives the version of a journal's schema, 0 when it has none, and the one that this program knows.
func versions(row func(query string) record.Scanner) (version, known int, err error) {
	names, err := schemaSteps()
	if err != nil {
		return 0, 0, err
	}
	err = row("PRAGMA user_version").Scan(&version)
	return version, len(names), err
}
