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
	seen string // the text that was read last
	good string // the text that is in use; empty: none
	err  error  // what is wrong with seen
}

// Reload reads the folder of overrides and puts into use what has changed and is sound. It gives what changed; a file
// that stays broken is told once. It fails only if the folder exists and cannot be read. A missing folder means no
// overrides.
func (s *Set) Reload() ([]Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	texts, err := s.readDir()
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, id := range slices.Sorted(maps.Keys(s.files)) {
		if _, there := texts[id]; !there {
			delete(s.files, id)
			events = append(events, s.event(Removed, id, nil))
		}
	}
	changed := len(events) > 0
	for _, id := range slices.Sorted(maps.Keys(texts)) { // the shared sections, _slip, sort first
		f := s.files[id]
		if f == nil {
			f = &override{}
			s.files[id] = f
		} else if f.seen == texts[id] {
			continue
		}
		f.seen = texts[id]
		if f.err = s.try(id, f.seen); f.err != nil {
			events = append(events, s.event(Broken, id, f.err))
			continue
		}
		f.good = f.seen
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
func (s *Set) try(id, text string) error {
	diags, err := s.lint(id, text)
	if err != nil {
		return err
	}
	for _, d := range diags {
		if d.Severity == receiptline.Error {
			return fmt.Errorf("line %d, column %d: %s", d.Line, d.Column, d.En)
		}
	}
	return nil
}

func (s *Set) path(id string) string { return filepath.Join(s.dir, id+extension) }

// readDir reads the templates in the folder, by id. Only regular files of a bounded size are read.
func (s *Set) readDir() (map[string]string, error) {
	texts := map[string]string{}
	if s.dir == "" {
		return texts, nil
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return texts, nil
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
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, err
		}
		texts[id] = text
	}
	return texts, nil
}

func readTemplate(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read template: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err != nil {
		return "", fmt.Errorf("read template %s: %w", name, err)
	}
	if len(b) > maxTemplate {
		return "", fmt.Errorf("read template %s: larger than %d bytes", name, maxTemplate)
	}
	return string(b), nil
}

func (s *Set) event(state State, id string, err error) Event {
	e := Event{State: state, Template: id, File: s.path(id), Err: err}
	name := id + extension
	switch state {
	case Loaded:
		e.Zh, e.En = "模板 "+name+" 已启用。", "Template "+name+" is in use."
	case Removed:
		e.Zh, e.En = "模板 "+name+" 已移除，改用内置模板。", "Template "+name+" was removed; the built-in one is in use."
	case Broken:
		used, usedEn := "内置模板", "the built-in one"
		if f := s.files[id]; f != nil && f.good != "" {
			used, usedEn = "上一个正确的版本", "the last good version"
		}
		e.Zh = "模板 " + name + " 有误(" + err.Error() + ")，仍用" + used + "。请运行 receiptd template lint " + e.File + "。"
		e.En = "Template " + name + " is broken (" + err.Error() + "); " + usedEn + " stays in use. Run receiptd template lint " + e.File + "."
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
				Zh: "模板目录监视出错：" + err.Error(), En: "Watching the template folder failed: " + err.Error()})
			timer.Reset(settle)
		case <-timer.C:
			if !watching {
				watching = watch(w, s.dir)
			}
			s.reloadAndReport(report)
		}
	}
}

// watch watches dir and tells whether it is there. If not, it watches the nearest folder above, where dir will appear.
func watch(w *fsnotify.Watcher, dir string) bool {
	if w.Add(dir) == nil {
		return true
	}
	for above := filepath.Dir(dir); w.Add(above) != nil && above != filepath.Dir(above); {
		above = filepath.Dir(above)
	}
	return w.Add(dir) == nil // it may have appeared meanwhile
}

func (s *Set) reloadAndReport(report func(Event)) {
	events, err := s.Reload()
	for _, e := range events {
		report(e)
	}
	if err != nil {
		report(Event{State: Broken, Template: s.dir, File: s.dir, Err: err,
			Zh: "模板目录无法读取：" + err.Error() + "，继续使用已加载的模板。",
			En: "The template folder cannot be read: " + err.Error() + "; the templates loaded before stay in use."})
	}
}
