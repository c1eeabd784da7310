// Package archive keeps each slip that came out as a file: a PDF with a line of JSON, in a folder for each day, which only receiptd's
// own user may enter.
//
//	archive/2026-08-11/index.jsonl                            a line for each slip, in the order in which they came out
//	archive/2026-08-11/01K2...-c1-000122-merchant-1.pdf
//
// A file stands under its name, whole and on disk, before its line is written, and a line is on disk before the next slip's turn. How far
// the journal was followed stands nowhere else: the newest line names the event of its slip. So after a crash at any moment the slip that
// was at hand is filed again under the same name, with one line; none is lost and none is there twice.
//
// A Keeper files slips in one goroutine, a moment after they came out and in a tenth of the time at most, so that no slip waits for it. A
// Store reads and removes. It draws nothing and knows no printer.
package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// Why a slip has no file.
const (
	notRendered = "not_rendered"
	erased      = "erased"
)

const (
	indexName = "index.jsonl"
	maxLine   = 64 << 10
)

var (
	dayName  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]*\.pdf$`)
)

// ErrNotFound says that there is no such day or file.
var ErrNotFound = errors.New("not in the archive")

// A Store is the folder of an archive. It need not be there yet. Its methods may be called by many goroutines.
type Store struct {
	dir string
	mu  sync.Mutex // held while lines are added or changed, and while days are removed
}

// Open gives the archive in a folder. It touches nothing.
func Open(dir string) *Store { return &Store{dir: dir} }

// Dir is its folder.
func (s *Store) Dir() string { return s.dir }

// Days names the days, the newest first.
func (s *Store) Days() ([]string, error) {
	list, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the archive: %w", err)
	}
	var days []string
	for _, e := range list {
		if e.IsDir() && dayName.MatchString(e.Name()) {
			days = append(days, e.Name())
		}
	}
	slices.Sort(days)
	slices.Reverse(days)
	return days, nil
}

// Lines gives the lines of a day, the first one first. Error: ErrNotFound.
func (s *Store) Lines(day string) ([]api.FiledSlip, error) {
	root, err := s.open(day)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readLines(root)
}

// File gives a file. Error: ErrNotFound.
func (s *Store) File(day, name string) ([]byte, error) {
	if !fileName.MatchString(name) {
		return nil, ErrNotFound
	}
	root, err := s.open(day)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return data, err
}

func (s *Store) open(day string) (*os.Root, error) {
	if !dayName.MatchString(day) {
		return nil, ErrNotFound
	}
	root, err := os.OpenRoot(filepath.Join(s.dir, day))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return root, err
}

// readLines reads the index of a day. What a crash left of a line is passed over.
func readLines(root *os.Root) ([]api.FiledSlip, error) {
	f, err := root.Open(indexName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []api.FiledSlip
	r := bufio.NewReaderSize(f, maxLine)
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		var x api.FiledSlip
		if err := json.Unmarshal(line, &x); err != nil {
			return list, fmt.Errorf("line %d of %s: %w", len(list)+1, f.Name(), err)
		}
		list = append(list, x)
	}
}

// day makes and opens the folder of a day. When it returns the folder is on disk.
func (s *Store) day(at time.Time) (*os.Root, error) {
	day := filepath.Join(s.dir, at.Format(time.DateOnly))
	if _, err := os.Stat(day); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(day, 0o700); err != nil {
			return nil, err
		}
		for _, dir := range []string{filepath.Dir(s.dir), s.dir} {
			if err := wholefile.SyncFolder(dir); err != nil {
				return nil, err
			}
		}
	}
	return os.OpenRoot(day)
}

// add puts a line behind the others of its day. It is on disk when add returns.
func (s *Store) add(root *os.Root, x *api.FiledSlip) error {
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := root.OpenFile(indexName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	end, isNew, err := wholeLines(f)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(append(line, '\n'), end); err != nil {
		return err
	}
	if err := f.Sync(); err != nil || !isNew {
		return err
	}
	return wholefile.SyncRoot(root)
}

// wholeLines cuts off what a crash left of a line, and gives where the next one goes.
func wholeLines(f *os.File) (end int64, isNew bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, true, err
	}
	tail, from, err := tailOf(f, info.Size())
	if err != nil {
		return 0, false, err
	}
	end = from + int64(bytes.LastIndexByte(tail, '\n')) + 1
	if end < info.Size() {
		err = f.Truncate(end)
	}
	return end, false, err
}

// tailOf reads the end of an index, more than one line of it.
func tailOf(f *os.File, size int64) (tail []byte, from int64, err error) {
	from = max(0, size-2*maxLine)
	tail = make([]byte, size-from)
	_, err = f.ReadAt(tail, from)
	return tail, from, err
}

// newest gives the last line of each day, with its day. Lines are in the order of events, also where a clock went back a day.
func (s *Store) newest() (map[string]api.FiledSlip, error) {
	days, err := s.Days()
	if err != nil {
		return nil, err
	}
	last := map[string]api.FiledSlip{}
	for _, day := range days {
		x, ok, err := s.lastLine(day)
		if err != nil {
			return nil, fmt.Errorf("read the archive of %s: %w", day, err)
		}
		if ok {
			last[day] = x
		}
	}
	return last, nil
}

func (s *Store) lastLine(day string) (x api.FiledSlip, ok bool, err error) {
	f, err := os.Open(filepath.Join(s.dir, day, indexName))
	if errors.Is(err, fs.ErrNotExist) {
		return x, false, nil
	}
	if err != nil {
		return x, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return x, false, err
	}
	tail, _, err := tailOf(f, info.Size())
	if err != nil {
		return x, false, err
	}
	tail = tail[:bytes.LastIndexByte(tail, '\n')+1]
	if len(tail) == 0 {
		return x, false, nil
	}
	line := tail[bytes.LastIndexByte(tail[:len(tail)-1], '\n')+1:]
	return x, true, json.Unmarshal(line, &x)
}
