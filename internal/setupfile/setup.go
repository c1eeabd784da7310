// Package setupfile keeps the set-up: the file in the data folder in which the page writes printers, routes and the shop's section, and the
// version before it. The file lies above the configuration; package config reads it and says what it may hold.
//
// A change is tried on the whole configuration before it is written, replaces the file whole or not at all, and can be undone. A
// Store is used by one daemon; its methods may be called by any goroutine.
package setupfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/job"
)

// beforeFile is the version before.
const beforeFile = "setup-before.toml"

// Names are the files of a set-up in its data folder.
func Names() []string { return []string{config.SetupFile, beforeFile} }

// A Store is the set-up of one data folder.
type Store struct {
	dir string
	try func(setup []byte) (*config.Config, error)
	mu  sync.Mutex // held while a change is made: one at a time
}

// New makes the store of a data folder; try reads the whole configuration with a set-up.
func New(dir string, try func(setup []byte) (*config.Config, error)) *Store {
	return &Store{dir: dir, try: try}
}

// version names a content.
func version(data []byte) string {
	if data == nil {
		return "none"
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// Show gives what is set up, as the files say it now.
func (s *Store) Show() (api.Setup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := config.ReadSetUp(s.dir)
	if err != nil {
		return api.Setup{}, err
	}
	c, err := s.try(now.Data)
	if err != nil {
		return api.Setup{}, err
	}
	out := shown(c, now)
	out.Version = version(now.Data)
	if info, err := os.Lstat(filepath.Join(s.dir, beforeFile)); err == nil && info.Mode().IsRegular() {
		if data, err := s.before(); err == nil && !bytes.Equal(data, now.Data) {
			at := info.ModTime()
			out.Before = &at
		}
	}
	return out, nil
}

// Plan tells what a change comes to, and writes nothing.
func (s *Store) Plan(change api.SetupChange) (api.SetupPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _, plan, err := s.plan(change)
	return plan, err
}

// Apply makes a change: the files are on disk when it returns. A plan with problems, or without differences, changed nothing.
// Its error is api.ErrSetupChanged when the change was made from another version.
func (s *Store) Apply(change api.SetupChange) (api.SetupPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, wanted, plan, err := s.plan(change)
	if err != nil || len(plan.Problems) > 0 || len(plan.Differences) == 0 && !change.Undo {
		return plan, err
	}
	now, before := filepath.Join(s.dir, config.SetupFile), filepath.Join(s.dir, beforeFile)
	if change.Undo { // the version before first: after a crash it is in force, and what was undone is lost
		err = errors.Join(wholefile.Write(now, wanted, 0o640), wholefile.Write(before, old, 0o640))
	} else { // the other way round: after a crash there is nothing to undo
		err = wholefile.Write(before, old, 0o640)
		if err == nil {
			err = wholefile.Write(now, wanted, 0o640)
		}
	}
	if err != nil {
		return plan, fmt.Errorf("write the set-up: %w", err)
	}
	return plan, nil
}

func (s *Store) before() ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(s.dir, beforeFile))
	if err != nil {
		return nil, fmt.Errorf("read the version before: %w", err)
	}
	return data, nil
}

// plan gives the content in force, the one wanted, and the difference.
func (s *Store) plan(change api.SetupChange) (old, wanted []byte, plan api.SetupPlan, err error) {
	file, err := config.ReadSetUp(s.dir)
	if err != nil {
		return nil, nil, plan, err
	}
	old = file.Data
	if change.Version != version(old) {
		return nil, nil, plan, api.ErrSetupChanged
	}
	now, err := s.try(old)
	if err != nil {
		return nil, nil, plan, err
	}
	if change.Undo {
		wanted, err = s.before()
		if errors.Is(err, fs.ErrNotExist) {
			plan.Problems = []job.Problem{nothingBefore}
			return old, nil, plan, nil
		}
	} else {
		wanted, plan.Problems, err = changed(old, now, change)
	}
	if err != nil || len(plan.Problems) > 0 {
		return old, nil, plan, err
	}
	next, err := s.try(wanted)
	var wrong *config.Error
	if errors.As(err, &wrong) {
		plan.Problems = problems(wrong, file.Path)
		return old, wanted, plan, nil
	}
	if err != nil {
		return old, nil, plan, err
	}
	plan.Differences = differences(now, next)
	return old, wanted, plan, nil
}

var nothingBefore = job.Problem{Code: "nothing_before", Message: job.Text{Zh: "没有更早的设置可以恢复。", En: "There is no earlier set-up to go back to."}, Fix: job.Text{Zh: "直接改设置。", En: "Change the set-up itself."}}

// problems words what config check says of the whole.
func problems(e *config.Error, setup string) []job.Problem {
	out := make([]job.Problem, len(e.Problems))
	for i, p := range e.Problems {
		file := p.File
		if file == "" {
			file = e.Path
		}
		out[i] = job.Problem{Code: "config_invalid", Message: job.Text{Zh: p.Zh, En: p.En}, Fix: job.Text{Zh: "改正后再试；没有写任何文件。", En: "Correct it and try again; nothing was written."}}
		if file != setup && p.Line > 0 {
			out[i].Fix = job.Text{Zh: fmt.Sprintf("这一项写在 %s 第 %d 行，在那里改。", file, p.Line), En: fmt.Sprintf("It stands in %s, line %d: change it there.", file, p.Line)}
		}
	}
	return out
}
