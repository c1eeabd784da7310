package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/filelock"
	"github.com/receiptd/receiptd/internal/sqlitefile"
)

func dsn(path string, pragmas ...string) string {
	return sqlitefile.DSN(path, append([]string{"busy_timeout(5000)"}, pragmas...)...)
}

// Marks in the names of journals that were set aside: because they were damaged, because a backup took their place, because only
// their write-ahead log was left.
const (
	corruptMark  = ".corrupt-"
	replacedMark = ".replaced-"
	lostMark     = ".lost-"
)

// globQuote makes a path its own pattern.
func globQuote(path string) string {
	if runtime.GOOS == "windows" {
		return path // a backslash quotes nothing there, and file names hold no * and ?
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// setAside renames a journal and its side files, never over another file.
func setAside(path, mark string, now time.Time) (string, error) {
	kept := path + mark + now.UTC().Format("20060102T150405Z")
	for i := 1; exists(kept); i++ {
		kept = strings.TrimSuffix(kept, "."+strconv.Itoa(i-1)) + "." + strconv.Itoa(i)
	}
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+side, kept+side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("keep the old journal: %w", err)
		}
	}
	return kept, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// mustExist says why a journal cannot be read that is not there.
func mustExist(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sides are the endings of the files that SQLite keeps beside a journal, the journal itself first.
var sides = []string{"", "-wal", "-shm", "-journal"}

func removeAll(path string) error {
	for _, side := range sides {
		if err := os.Remove(path + side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what an earlier try left: %w", err)
		}
	}
	return nil
}

// copyFile copies a file. It ends with ctx also where the system does not answer, as at a share that has gone away: the copying is left to
// itself then, writes nothing more once it can, and nobody reads what it had written.
func copyFile(ctx context.Context, to, from string) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
	if err != nil {
		return err
	}
	var failed error // set before ended is closed
	ended := make(chan struct{})
	go func() {
		failed = errors.Join(copyOut(ctx, out, from), out.Close())
		close(ended)
	}()
	select {
	case <-ended:
		return failed
	case <-ctx.Done():
	}
	select { // a system that answers ends it at once
	case <-ended:
	case <-time.After(time.Second):
	}
	return ctx.Err()
}

func copyOut(ctx context.Context, out io.Writer, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(whileWanted{ctx, out}, in)
	return err
}

// whileWanted writes until ctx ends.
type whileWanted struct {
	ctx context.Context
	to  io.Writer
}

func (w whileWanted) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(b)
}

// copyJournal copies a journal with its write-ahead log: the log may hold the end of one that was set aside.
func copyJournal(ctx context.Context, to, from string) error {
	if err := copyFile(ctx, to, from); err != nil {
		return err
	}
	if !exists(from + "-wal") {
		return nil
	}
	return copyFile(ctx, to+"-wal", from+"-wal")
}

// likeIts gives a file its mode and the owner of the journal that it is to replace, or of the folder.
func likeIts(part, path string) error {
	old, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	return errors.Join(private(part), chownLike(part, old))
}

// openReadOnly opens a journal so that nothing of it changes, its write-ahead log included.
func openReadOnly(path string) (*sql.DB, error) {
	if err := mustExist(path); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", dsn(path)+"&mode=ro")
}

// withLock does something with a journal that no daemon uses, and keeps a daemon off it meanwhile.
func withLock(path string, do func() error) (err error) {
	lock, err := takeLock(filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, filelock.Release(lock)) }()
	return do()
}

// fill writes zeros where the system cannot reserve space.
func fill(f *os.File, size int64) error {
	zeros := make([]byte, 1<<20)
	for size > 0 {
		n, err := f.Write(zeros[:min(size, int64(len(zeros)))])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

// lengthen makes a file at least size bytes long, written and synced. When it cannot, the file stays as long as it was.
func lengthen(f *os.File, size int64) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end >= size {
		return err
	}
	if err = fill(f, size-end); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return nil
}

// versionMark stands in the name of the copy that is made of a journal before a newer program changes its form: behind it come the
// version of the form and the time.
const versionMark = ".version-"
