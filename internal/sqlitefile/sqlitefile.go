// Package sqlitefile is what the stores on SQLite share: how a file is named to the driver, and what its errors are.
package sqlitefile

import (
	"errors"
	"net/url"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
)

// DSN names a file, with the pragmas that each of its connections begins with.
func DSN(path string, pragmas ...string) string {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole // the first part of another one would be read as a host
	}
	p := filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p, RawQuery: url.Values{"_pragma": pragmas}.Encode()}).String()
}

// Code is the primary result code of an SQLite error, 0 for others.
func Code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
