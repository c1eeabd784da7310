package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// tidied is how many of the newest days are looked through for what a crash left.
const tidied = 3

// tidy removes files that were still being written when receiptd died.
func (s *Store) tidy() error {
	days, err := s.Days()
	if err != nil {
		return err
	}
	for _, day := range days[:min(len(days), tidied)] {
		list, err := os.ReadDir(filepath.Join(s.dir, day))
		if err != nil {
			return err
		}
		for _, e := range list {
			if wholefile.Left(e.Name()) {
				os.Remove(filepath.Join(s.dir, day, e.Name()))
			}
		}
	}
	return nil
}

// removeDay removes a day. Its index goes last: killed meanwhile, the next look removes the rest.
func (s *Store) removeDay(day string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir := filepath.Join(s.dir, day)
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Name() != indexName {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(filepath.Join(dir, indexName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(dir)
}

// Erase removes the files of jobs, by their ids. Their lines stay and say when: that the slips came out remains a fact. It gives the
// number of files.
func (s *Store) Erase(ids []string, now time.Time) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	days, err := s.Days()
	for _, day := range days {
		if err == nil {
			var k int
			k, err = s.eraseDay(day, ids, now)
			n += k
		}
	}
	return n, err
}

func (s *Store) eraseDay(day string, ids []string, now time.Time) (n int, err error) {
	root, err := s.open(day)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	lines, err := readLines(root)
	if err != nil {
		return 0, err
	}
	var index bytes.Buffer
	for i := range lines {
		x := &lines[i]
		if x.File != "" && slices.Contains(ids, x.JobID) {
			if err := root.Remove(x.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return n, err
			}
			x.File, x.SHA256, x.Bytes, x.Why, x.Erased = "", "", 0, erased, now
			n++
		}
		line, err := json.Marshal(x)
		if err != nil {
			return n, err
		}
		index.Write(append(line, '\n'))
	}
	if err := s.eraseStrays(root, day, ids, lines); err != nil || n == 0 {
		return n, err
	}
	return n, wholefile.WriteIn(root, indexName, index.Bytes(), 0o600)
}

// eraseStrays removes files of jobs that a crash left without a line.
func (s *Store) eraseStrays(root *os.Root, day string, ids []string, lines []api.FiledSlip) error {
	known := map[string]bool{}
	for i := range lines {
		known[lines[i].File] = true
	}
	list, err := os.ReadDir(filepath.Join(s.dir, day))
	for _, e := range list {
		of := func(id string) bool { return strings.Contains(e.Name(), "-"+id+"-") }
		if err == nil && !known[e.Name()] && fileName.MatchString(e.Name()) && slices.ContainsFunc(ids, of) {
			err = root.Remove(e.Name())
		}
	}
	return err
}

// young tells whether a file may just be on its way into the archive.
func young(e fs.DirEntry) bool {
	info, err := e.Info()
	return err != nil || time.Since(info.ModTime()) < time.Minute
}

// Check reads every file and gives what is not as it was filed: a file that is gone or changed, and one that no line tells of.
func (s *Store) Check() (files int, wrong []string, err error) {
	days, err := s.Days()
	for _, day := range days {
		if err != nil {
			return files, wrong, err
		}
		var lines []api.FiledSlip
		if lines, err = s.Lines(day); err != nil {
			continue
		}
		known := map[string]bool{indexName: true}
		for i := range lines {
			x := &lines[i]
			if x.File == "" {
				continue
			}
			files++
			known[x.File] = true
			data, err := s.File(day, x.File)
			sum := sha256.Sum256(data)
			switch {
			case err != nil:
				wrong = append(wrong, fmt.Sprintf("%s/%s: %v", day, x.File, err))
			case hex.EncodeToString(sum[:]) != x.SHA256:
				wrong = append(wrong, fmt.Sprintf("%s/%s: changed", day, x.File))
			}
		}
		list, readErr := os.ReadDir(filepath.Join(s.dir, day))
		err = readErr
		for _, e := range list {
			if !known[e.Name()] && !wholefile.Left(e.Name()) && !young(e) {
				wrong = append(wrong, fmt.Sprintf("%s/%s: no line tells of it", day, e.Name()))
			}
		}
	}
	return files, wrong, err
}
