package move

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// Out locks the journal of a till, which no daemon may use, and writes what goes to the till with that code to file. step is called
// between any two changes on disk, in tests; nil calls nobody. After a fault or a crash it is repeated with the same code. Errors:
// ErrCode, ErrExists; queue.ErrLocked, ErrCorrupt, ErrNewer, *MovedError when it goes to another till.
func Out(ctx context.Context, till Till, file, code string, now time.Time, step func()) (err error) {
	n, err := Number(code)
	if err != nil {
		return err
	}
	if step == nil {
		step = func() {}
	}
	if _, err := os.Lstat(file); err == nil {
		if written(file, Shown(code)) && queue.MovedTo(ctx, till.journal()) != nil {
			return nil // an earlier try came so far
		}
		return fmt.Errorf("%w: %s", ErrExists, file)
	}
	if _, err := os.Stat(till.journal()); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	part, copied := file+".part", file+".journal"
	if err := errors.Join(remove(part), remove(copied)); err != nil {
		return err
	}
	// A file that cannot be written is found out before the till is locked.
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close(), remove(part), remove(copied)) }()
	step()
	if err := queue.Leave(ctx, till.journal(), n, now); err != nil {
		return err
	}
	step()
	if err := queue.CopyForMove(ctx, till.journal(), copied); err != nil {
		return err
	}
	step()
	if err := pack(f, till, copied, Manifest{Version: 1, For: Shown(code), At: now, System: runtime.GOOS, Sums: map[string]string{}}); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	step()
	if err := errors.Join(f.Close(), os.Rename(part, file)); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	step()
	f, err = os.Open(file) // what is deferred closes it
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// written tells whether a file is a whole one for that till.
func written(file, code string) bool {
	z, err := zip.OpenReader(file)
	if err != nil {
		return false
	}
	defer z.Close()
	m, err := manifestOf(&z.Reader)
	return err == nil && m.For == code
}

func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what an earlier try left: %w", err)
	}
	return nil
}

// pack writes the zip. The manifest comes last, with the sums of what stands before it.
func pack(out io.Writer, till Till, journal string, m Manifest) error {
	z := zip.NewWriter(out)
	put := func(name, from string, must bool) error {
		in, err := os.Open(from)
		if !must && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer in.Close()
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(io.MultiWriter(w, h), in)
		m.Sums[name] = hex.EncodeToString(h.Sum(nil))
		return err
	}
	err := put(journalName, journal, true)
	for name := range own {
		err = errors.Join(err, put(name, filepath.Join(till.Data, name), false))
	}
	if till.Config != "" {
		err = errors.Join(err, put(configName, till.Config, false))
	}
	if till.Templates != "" {
		list, readErr := os.ReadDir(till.Templates)
		if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
			err = errors.Join(err, readErr)
		}
		for _, e := range list {
			if e.Type().IsRegular() {
				err = errors.Join(err, put(path.Join(templateDir, e.Name()), filepath.Join(till.Templates, e.Name()), true))
			}
		}
	}
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	w, err := z.Create(manifestName)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return z.Close()
}
