package move

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/queue"
)

// Taken says what In did.
type Taken struct {
	Again  bool   // it had come before: nothing was changed
	Config string // the configuration as it came: in its place, or beside another one with Beside
	Beside bool   // the configuration of this till stays: the one that came names another data folder, or is of another system
}

// In takes a file of Out into a till that no daemon uses and that has no slips. fits tells whether a configuration names this till's
// data folder; give hands a written file to the daemon's user. The journal comes last, under the lock, so that after a crash the till
// either has none or has all. Errors: ErrNoFile, ErrOther; queue.ErrLocked, ErrCorrupt, ErrNewer, ErrOccupied.
func In(ctx context.Context, till Till, file string, now time.Time, fits func(config []byte) bool, give func(path string) error, step func()) (t Taken, err error) {
	if step == nil {
		step = func() {}
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrNoFile, err)
	}
	defer z.Close()
	m, err := manifestOf(&z.Reader)
	if err != nil {
		return t, err
	}
	n, err := Number(m.For)
	if err != nil {
		return t, ErrNoFile
	}
	code, err := readCode(till.Data)
	if err != nil {
		return t, err
	}
	part := till.journal() + ".arriving"
	if err := remove(part); err != nil {
		return t, err
	}
	if code != m.For {
		if code != "" || !queue.HasArrived(ctx, till.journal(), n) {
			return t, fmt.Errorf("%w: %s", ErrOther, m.For)
		}
		return Taken{Again: true}, nil
	}
	defer func() { err = errors.Join(err, remove(part)) }()
	if err := extract(&z.Reader, m, part); err != nil {
		return t, err
	}
	step()
	arrived, err := queue.Arrive(ctx, till.journal(), part, n, now, func() error {
		for _, f := range z.File {
			if err := t.place(till, m, f, fits, give); err != nil {
				return err
			}
			step()
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	step()
	t.Again = !arrived
	return t, remove(filepath.Join(till.Data, codeName)) // the last of all: with it the file can be taken in once more
}

func manifestOf(z *zip.Reader) (Manifest, error) {
	f, err := z.Open(manifestName)
	if err != nil {
		return Manifest{}, ErrNoFile
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrNoFile, err)
	}
	return readManifest(data)
}

// extract writes the journal, on disk and as its sum says.
func extract(z *zip.Reader, m Manifest, part string) error {
	in, err := z.Open(journalName)
	if err != nil {
		return ErrNoFile
	}
	defer in.Close()
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("take the journal in: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, h), in)
	if err == nil && hex.EncodeToString(h.Sum(nil)) != m.Sums[journalName] {
		err = fmt.Errorf("%w: its journal is damaged", ErrNoFile)
	}
	return errors.Join(err, out.Sync(), out.Close())
}

// place writes one of the other files where it belongs.
func (t *Taken) place(till Till, m Manifest, f *zip.File, fits func([]byte) bool, give func(string) error) error {
	to, mode := filepath.Join(till.Data, f.Name), own[f.Name]
	name, template := strings.CutPrefix(f.Name, templateDir)
	switch {
	case mode != 0:
	case f.Name == configName && till.Config != "":
		to, mode = till.Config, 0o644
	case template && till.Templates != "" && name == filepath.Base(name) && filepath.IsLocal(name):
		to, mode = filepath.Join(till.Templates, name), 0o644
	default:
		return nil
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, 64<<20))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoFile, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != m.Sums[f.Name] {
		return fmt.Errorf("%w: %s is damaged", ErrNoFile, f.Name)
	}
	if f.Name == configName {
		if to, err = t.placeConfig(till, m, data, fits); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := wholefile.Write(to, data, mode); err != nil {
		return err
	}
	if f.Name == configName || template {
		return nil
	}
	return give(to)
}

// placeConfig says where the configuration goes, and keeps the one that was there.
func (t *Taken) placeConfig(till Till, m Manifest, data []byte, fits func([]byte) bool) (to string, err error) {
	if m.System != runtime.GOOS || !fits(data) {
		t.Config, t.Beside = till.Config+".moved", true
		return t.Config, nil
	}
	t.Config = till.Config
	old, err := os.ReadFile(till.Config)
	if err != nil || bytes.Equal(old, data) {
		return till.Config, nil // there is none, or it came before
	}
	return till.Config, wholefile.Write(till.Config+".before-move", old, 0o644)
}
