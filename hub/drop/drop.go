// Package drop takes jobs out of folders: DIR/SHOP/*.json are for the shop of that name. A file is claimed by renaming it into .taken, so that
// it is taken once; it goes when the job is in the hub's store and its answer stands in results under the same name. After a crash
// what was claimed is taken again, which its job_id makes harmless.
//
// Answers go after a week, as a shop's do.
//
// Only plain files are taken, and nothing outside the folder is followed. A file is complete when it did not change between two looks and
// does not end within its JSON; one that does is left for half a minute after its last change: its writer may only be slow.
package drop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/job"
)

// The folders beside a shop's files.
const (
	takenDir   = ".taken"
	resultsDir = "results"
)

// settle is how long a file that ends within its JSON is left after its last change: as long as a shop's drop folder leaves it.
const settle = 30 * time.Second

const (
	kept       = 7 * 24 * time.Hour // how long an answer stands
	sweepEvery = time.Hour
)

// A Hub takes jobs.
type Hub interface {
	Submit(ctx context.Context, s hub.Submission) (hub.Submitted, error)
}

// A Folder is DIR. One goroutine uses it.
type Folder struct {
	dir  string
	hub  Hub
	log  *slog.Logger
	pace time.Duration

	seen  map[string]sight // by shop and name: files that were not complete yet
	told  map[string]bool  // faults that the log knows of
	swept time.Time        // when it last looked for old answers
}

type sight struct {
	size  int64
	at    time.Time // its own time, whose clock may be another machine's
	since time.Time // seen like this first
	part  bool      // it ends within its JSON
}

// New makes a Folder; pace is between two looks, 0 is a second.
func New(dir string, h Hub, log *slog.Logger, pace time.Duration) *Folder {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if pace == 0 {
		pace = time.Second
	}
	return &Folder{dir: dir, hub: h, log: log, pace: pace, seen: map[string]sight{}, told: map[string]bool{}}
}

// Run looks until ctx ends. It returns nil.
func (f *Folder) Run(ctx context.Context) error {
	for {
		f.look(ctx)
		if !pause.For(ctx, f.pace) {
			return nil
		}
	}
}

// look takes what is complete.
func (f *Folder) look(ctx context.Context) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		f.wrong("the drop folder cannot be read", f.dir, err)
		return
	}
	defer root.Close()
	shops, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		f.wrong("the drop folder cannot be read", f.dir, err)
		return
	}
	now := map[string]sight{}
	sweep := time.Since(f.swept) >= sweepEvery
	if sweep {
		f.swept = time.Now()
	}
	for _, d := range shops {
		if ctx.Err() != nil {
			return
		}
		if !d.IsDir() || !wire.GoodName(d.Name()) {
			continue
		}
		if err := f.shop(ctx, root, d.Name(), now); err != nil && ctx.Err() == nil {
			f.wrong("a shop's drop folder cannot be worked through; it is tried again", d.Name(), err)
		}
		if !sweep {
			continue
		}
		if err := removeOld(root, d.Name()+"/"+resultsDir); err != nil {
			f.wrong("old answers cannot be removed", d.Name(), err)
		}
	}
	f.seen = now
}

// wrong tells the log of a fault once.
func (f *Folder) wrong(what, where string, err error) {
	if key := what + where + err.Error(); !f.told[key] {
		if len(f.told) > 1000 {
			f.told = map[string]bool{}
		}
		f.told[key] = true
		f.log.Error(what, "folder", where, "err", err)
	}
}

// shop works through one shop's folder. What cannot be taken holds up no other file: all that went wrong is returned.
func (f *Folder) shop(ctx context.Context, root *os.Root, shop string, now map[string]sight) error {
	in, err := root.OpenRoot(shop)
	if err != nil {
		return err
	}
	defer in.Close()
	var wrong []error
	left, err := fs.ReadDir(in.FS(), takenDir) // of before a crash, or what could not be answered
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, err)
	}
	for _, e := range left {
		wrong = append(wrong, f.take(ctx, in, shop, e.Name()))
	}
	list, err := fs.ReadDir(in.FS(), ".")
	wrong = append(wrong, err)
	for _, e := range list {
		if ctx.Err() != nil {
			break
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.EqualFold(filepath.Ext(e.Name()), ".json") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := f.file(ctx, in, shop, info, now); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", e.Name(), err))
		}
	}
	return errors.Join(wrong...)
}

// file takes one file where it is complete and can be read.
func (f *Folder) file(ctx context.Context, in *os.Root, shop string, info fs.FileInfo, now map[string]sight) error {
	name := info.Name()
	key := shop + "/" + name
	s, known := f.seen[key]
	if !known || s.size != info.Size() || !s.at.Equal(info.ModTime()) {
		now[key] = sight{size: info.Size(), at: info.ModTime(), since: time.Now()}
		return nil
	}
	now[key] = s
	waits := time.Since(s.since) < settle
	if waits && s.part {
		return nil
	}
	data, err := read(in, name) // before it is claimed: what the hub cannot read stays where its owner finds it
	if err != nil {
		return err
	}
	if waits && job.Completeness(data) == job.Prefix {
		s.part = true
		now[key] = s
		return nil
	}
	if err := claim(in, name); err != nil {
		return err
	}
	delete(now, key)
	return f.take(ctx, in, shop, name)
}

// claim moves a file where nobody writes it any more.
func claim(in *os.Root, name string) error {
	if err := in.Mkdir(takenDir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	to := filepath.Join(takenDir, name)
	if _, err := in.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w: it is not answered yet", to, fs.ErrExist) // it would be replaced unread
	}
	return in.Rename(name, to)
}

// A Result is the file in results.
type Result struct {
	File    string        `json:"file"`
	JobID   string        `json:"job_id,omitempty"`
	Outcome string        `json:"outcome"` // taken, duplicate, conflict, rejected: the shop's answer is told by receiptd fleet and the API
	Errors  []job.Problem `json:"errors,omitempty"`
}

// take brings a claimed file to the hub. A nil error: it is answered and gone. What fails stays claimed, and is taken with the next look.
func (f *Folder) take(ctx context.Context, in *os.Root, shop, name string) error {
	path := filepath.Join(takenDir, name)
	if info, err := in.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return err // somebody put it there; it is left alone
	}
	data, err := read(in, path)
	if err != nil {
		return err
	}
	for wait := f.pace; ; wait = min(2*wait, time.Minute) {
		out, err := f.hub.Submit(ctx, hub.Submission{Shop: shop, Data: data, Source: "folder", New: true})
		var wrong *hub.Wrong
		r := Result{File: name, JobID: out.Job.JobID, Outcome: "taken"}
		switch {
		case errors.As(err, &wrong):
			r.Outcome, r.Errors = "rejected", wrong.Problems
		case err != nil: // the store is full or held
			f.wrong("a file of the drop folder cannot be taken now; it is tried again", shop, err)
			if !pause.For(ctx, wait) {
				return ctx.Err()
			}
			continue
		case out.Added == store.AddedKnown:
			r.Outcome = "duplicate"
		case out.Added == store.AddedConflict:
			r.Outcome = "conflict"
		}
		if err := answer(in, name, r); err != nil {
			return err
		}
		return in.Remove(path)
	}
}

// read reads a claimed file; more than a job may be is read no further, and refused for its length.
func read(in *os.Root, path string) ([]byte, error) {
	file, err := in.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, job.MaxSize+1))
}

func answer(in *os.Root, name string, r Result) error {
	if err := in.Mkdir(resultsDir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	results, err := in.OpenRoot(resultsDir)
	if err != nil {
		return err
	}
	defer results.Close()
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.WriteIn(results, name, append(data, '\n'), 0o640)
}

// removeOld removes the answers in a folder that have stood long enough.
func removeOld(root *os.Root, dir string) error {
	in, err := root.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	list, err := fs.ReadDir(in.FS(), ".")
	if err != nil {
		return err
	}
	var wrong []error
	for _, e := range list {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && strings.EqualFold(filepath.Ext(e.Name()), ".json") && time.Since(info.ModTime()) > kept {
			wrong = append(wrong, in.Remove(e.Name()))
		}
	}
	return errors.Join(wrong...)
}
