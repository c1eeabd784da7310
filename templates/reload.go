package templates

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/receiptline"
)

// maxTemplate bounds a template file, in bytes.
const maxTemplate = 256 << 10

// State says what became of an override.
type State string

// The states of an override.
const (
	Loaded  State = "loaded"
	Broken  State = "broken" // an alarm: the last good one, or the built-in one, stays in use
	Removed State = "removed"
)

// An Event is a change in the folder of overrides.
type Event struct {
	State    State
	Template string // sale.zh-CN; the file's name when it is not one
	File     string
	Err      error // why it is broken
	Zh, En   string
}

// override is what is known of one file in the folder.
type override struct {
	seen found  // what was read last
	good string // the text that is in use; empty: none
	err  *fault // what is wrong with seen
}

// found is what a file in the folder held, or why it could not be read.
type found struct {
	text   string
	unread fault // zero: it was read
}

// Reload reads the folder of overrides and puts into use what has changed and is sound. It gives what changed; a file
// that stays broken is told once. It fails only if the folder exists and cannot be read. A missing folder means no
// overrides.
func (s *Set) Reload() ([]Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files, err := s.readDir()
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, id := range slices.Sorted(maps.Keys(s.files)) {
		if _, there := files[id]; !there {
			delete(s.files, id)
			events = append(events, s.event(Removed, id, nil))
		}
	}
	changed := len(events) > 0
	for _, id := range slices.Sorted(maps.Keys(files)) { // the shared sections, _slip, sort first
		f := s.files[id]
		if f == nil {
			f = &override{}
			s.files[id] = f
		} else if f.seen == files[id] {
			continue
		}
		f.seen = files[id]
		if f.err = s.try(id, f.seen); f.err != nil {
			events = append(events, s.event(Broken, id, f.err))
			continue
		}
		f.good = f.seen.text
		changed = true
		events = append(events, s.event(Loaded, id, nil))
	}
	if changed {
		err = s.install()
	}
	return events, err
}

// install puts the sound overrides into use.
func (s *Set) install() error {
	sources, err := s.sources()
	if err != nil {
		return err
	}
	built, err := builtinTable()
	if err != nil {
		return err
	}
	entries, _ := compileAll(sources) // each was tried; what no longer fits together falls back to the built-in one
	for id, c := range built.entries {
		if entries[id] == nil {
			entries[id] = c
		}
	}
	s.table.Store(&table{entries: entries, builtins: built.entries})
	return nil
}

// sources gives the built-in texts with the sound overrides in their places.
func (s *Set) sources() (map[string]source, error) {
	sources, err := builtinSources()
	if err != nil {
		return nil, err
	}
	for id, f := range s.files {
		if f.good != "" {
			sources[id] = source{f.good, s.path(id)}
		}
	}
	return sources, nil
}

// try compiles an override among the others and sets every sample with it.
func (s *Set) try(id string, f found) *fault {
	if f.unread != (fault{}) {
		return &f.unread
	}
	diags, err := s.lint(id, f.text)
	var named *fault
	switch {
	case errors.As(err, &named):
		return named
	case err != nil:
		diags = append(diags, errorDiagnostic(f.text, err))
	}
	for _, d := range diags {
		if d.Severity == receiptline.Error {
			return &fault{
				fmt.Sprintf("第 %d 行第 %d 列：%s", d.Line, d.Column, strings.TrimSuffix(d.Zh, "。")),
				fmt.Sprintf("line %d, column %d: %s", d.Line, d.Column, strings.TrimSuffix(d.En, ".")),
			}
		}
	}
	return nil
}

func (s *Set) path(id string) string { return filepath.Join(s.dir, id+extension) }

// readDir reads the templates in the folder, by id. Only regular files of a bounded size are read; what cannot be read
// spoils nothing but itself.
func (s *Set) readDir() (map[string]found, error) {
	files := map[string]found{}
	if s.dir == "" {
		return files, nil
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read template folder: %w", err)
	}
	for _, e := range entries {
		id, isTemplate := strings.CutSuffix(e.Name(), extension)
		if !isTemplate || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		text, err := readTemplate(filepath.Join(s.dir, e.Name()))
		var unread *fault
		switch {
		case err == nil:
			files[id] = found{text: text}
		case errors.Is(err, fs.ErrNotExist): // removed since it was listed
		case errors.As(err, &unread):
			files[id] = found{unread: *unread}
		default:
			files[id] = found{unread: unreadable(err)}
		}
	}
	return files, nil
}

// readTemplate reads a regular file. Others are not opened: that would wait for whoever writes into a pipe.
func readTemplate(name string) (string, error) {
	if info, err := os.Stat(name); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", &fault{"不是普通文件", "it is not a regular file"}
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxTemplate {
		return "", &fault{"超过 256 KiB", "it is larger than 256 KiB"}
	}
	return string(b), nil
}

func (s *Set) event(state State, id string, bad *fault) Event {
	e := Event{State: state, Template: id, File: s.path(id)}
	name := id + extension
	switch state {
	case Loaded:
		e.Zh, e.En = "模板 "+name+" 已启用。", "Template "+name+" is in use."
	case Removed:
		e.Zh, e.En = "模板 "+name+" 已移除，改用内置模板。", "Template "+name+" was removed; the built-in one is in use."
	case Broken:
		e.Err = bad
		used, usedEn := "内置模板", "the built-in one"
		if f := s.files[id]; f != nil && f.good != "" {
			used, usedEn = "上一个正确的版本", "the last good version"
		}
		e.Zh = "模板 " + name + " 有误（" + bad.zh + "），仍用" + used + "。请改正 " + e.File + "，或移走它。"
		e.En = "Template " + name + " is broken (" + bad.en + "); " + usedEn + " stays in use. Mend " + e.File + ", or move it away."
	}
	return e
}

// Problems gives the overrides that are broken now.
func (s *Set) Problems() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var events []Event
	for _, id := range slices.Sorted(maps.Keys(s.files)) {
		if err := s.files[id].err; err != nil {
			events = append(events, s.event(Broken, id, err))
		}
	}
	return events
}

// overrideOf gives the path of the override in use for id, or "".
func (s *Set) overrideOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.files[id]; f != nil && f.good != "" {
		return s.path(id)
	}
	return ""
}

// settle is how long the folder must be quiet before it is read: an editor writes a file in several steps.
const settle = 100 * time.Millisecond

// Watch reloads overrides as their files change and calls report with each event, one after the other, until ctx is
// done. It returns nil then, and an error if the system cannot watch files at all. A folder that is not there yet is
// waited for without polling.
func (s *Set) Watch(ctx context.Context, report func(Event)) error {
	if s.dir == "" {
		<-ctx.Done()
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch template folder: %w", err)
	}
	defer w.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	watching := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-w.Events:
			if ev.Name == s.dir && ev.Has(fsnotify.Remove|fsnotify.Rename) {
				watching = false
			}
			timer.Reset(settle)
		case err := <-w.Errors:
			report(Event{State: Broken, Template: s.dir, File: s.dir, Err: err,
				Zh: "模板目录监视出错：" + plain.Error(err).Zh, En: "Watching the template folder failed: " + plain.Error(err).En})
			timer.Reset(settle)
		case <-timer.C:
			if !watching {
				watching = watch(w, s.dir)
			}
			s.reloadAndReport(report)
		}
	}
}

// watch watches dir and tells whether it is there. If not, it watches the nearest folder above, where dir will appear. Each
// folder is looked for once more when the one above it is watched: what appeared before that has no event.
func watch(w *fsnotify.Watcher, dir string) bool {
	if w.Add(dir) == nil {
		return true
	}
	above := filepath.Dir(dir)
	return above != dir && watch(w, above) && w.Add(dir) == nil
}

func (s *Set) reloadAndReport(report func(Event)) {
	events, err := s.Reload()
	for _, e := range events {
		report(e)
	}
	if err != nil {
		report(Event{State: Broken, Template: s.dir, File: s.dir, Err: err,
			Zh: "模板目录无法读取：" + plain.Error(err).Zh + "，继续使用已加载的模板。",
			En: "The template folder cannot be read: " + plain.Error(err).En + "; the templates loaded before stay in use."})
	}
}

// unreadable says why a template's file cannot be read.
func unreadable(err error) fault {
	says := plain.Error(err)
	return fault{"无法读取（" + says.Zh + "）", "it cannot be read (" + says.En + ")"}
}
