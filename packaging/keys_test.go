package packaging_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// No private key lies in the source: a test or a trial of `fleet enroll` once left an authority's there, which anybody could have used.
func TestNoPrivateKeyInTheSource(t *testing.T) {
	files, begin := 0, []byte("-----BEGIN ")
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		first, err := firstLine(path)
		if err != nil {
			return err
		}
		files++
		if bytes.HasPrefix(first, begin) && bytes.Contains(first, []byte("PRIVATE KEY")) {
			t.Errorf("%s is a private key", path)
		}
		return nil
	})
	if err != nil || files < 500 {
		t.Fatalf("looked at %d files: %v", files, err)
	}
}

// firstLine reads no more of a file than its first line: disk images of a laboratory may lie there too.
func firstLine(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadSlice('\n')
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	return line, err
}
