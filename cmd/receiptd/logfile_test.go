package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// failing is a file on a full disk.
type failing struct {
	bytes.Buffer
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}

// What the log's file does not take goes to standard error, with one word about it each time that begins.
func TestLogGoesOnElsewhere(t *testing.T) {
	var file failing
	var stderr bytes.Buffer
	l := &sureLog{file: &file, other: &stderr, say: func(_, en string) string { return en }}
	for i, err := range []error{nil, errors.New("disk full"), errors.New("disk full"), nil, errors.New("read-only")} {
		file.err = err
		if _, err := l.Write([]byte{'0' + byte(i), '\n'}); err != nil {
			t.Fatal(err)
		}
	}
	if got := file.String(); got != "0\n3\n" {
		t.Errorf("the file holds %q", got)
	}
	got := stderr.String()
	if strings.Count(got, "the log goes on here") != 2 || !strings.Contains(got, "disk full\n1\n2\n") || !strings.HasSuffix(got, "read-only\n4\n") {
		t.Errorf("standard error holds %q", got)
	}
}

// The service may write where its log goes.
func TestServiceFolders(t *testing.T) {
	c := config.Default()
	c.Log.File = "/var/log/receiptd/receiptd.log"
	writes := map[string]bool{}
	for _, f := range serviceFolders(c) {
		writes[f.Path] = f.Writes
	}
	for _, dir := range []string{"/var/log/receiptd", c.Spool.Dir, c.Spool.Dir + "/incoming", c.Data.Dir} {
		if !writes[dir] {
			t.Errorf("the service may not write to %s: %v", dir, writes)
		}
	}
	if write, reads := writes[c.Templates.Dir]; write || !reads {
		t.Errorf("templates are to be read only: %v", writes)
	}
}
