package service

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Folder is one that the configuration names, with owner and mode for the case that it is made.
type Folder struct {
	Path   string      `json:"path"`
	Owner  string      `json:"owner"` // user and group
	Mode   fs.FileMode `json:"mode"`
	Writes bool        `json:"writes"` // the service writes it; else it reads it
	There  bool        `json:"there"`  // it stood there before: owner and mode stay as they are
}

// ModeText is the mode as chmod takes it; "" where the system has none.
func (f Folder) ModeText() string {
	if f.Mode == 0 {
		return ""
	}
	return fmt.Sprintf("%04o", bits(f.Mode))
}

// A File is one that Install writes.
type File struct {
	Path  string      `json:"path"`
	Mode  fs.FileMode `json:"mode"`
	Text  string      `json:"text,omitempty"`
	From  string      `json:"from,omitempty"` // the program of which it is a copy
	There bool        `json:"there"`          // it stands there with this content
}

// A Plan is what Install would do on this system, in order.
type Plan struct {
	Files    []File     `json:"files"`
	Folders  []Folder   `json:"folders"`
	Remove   []string   `json:"remove,omitempty"` // what an earlier Install wrote and is not wanted any more
	Commands [][]string `json:"commands"`
}

// Plan tells what Install would do. It changes nothing and needs no permission. Errors: *PathError.
func (m *Manager) Plan(ctx context.Context) (Plan, error) {
	if m.native != nil {
		return m.native.plan(), nil
	}
	if err := m.systemd.check(); err != nil {
		return Plan{}, err
	}
	return m.systemd.plan(), ctx.Err()
}

// plan is what a package would bring, or what stands beside a package's unit, and the folders.
func (s *systemd) plan() Plan {
	var p Plan
	if s.exists(packagedUnit) {
		s.planStart(&p)
	} else {
		s.planFiles(&p)
	}
	if text := s.folderLines(); text != "" {
		p.Files = append(p.Files, File{Path: foldersFile, Mode: 0o644, Text: text})
	} else if s.exists(foldersFile) {
		p.Remove = append(p.Remove, foldersFile)
	}
	for i := range p.Files {
		f := &p.Files[i]
		if f.From == "" {
			old, err := os.ReadFile(s.path(f.Path))
			f.There = err == nil && bytes.Equal(old, []byte(f.Text))
		}
	}
	for _, f := range s.o.Folders {
		_, err := os.Stat(s.path(f.Path))
		f.There = err == nil
		p.Folders = append(p.Folders, f)
	}
	if !s.exists(packagedUnit) {
		p.Commands = [][]string{{"systemd-sysusers", s.path(sysusersFile)}, {"systemd-tmpfiles", "--create", s.path(tmpfilesFile)}, {"udevadm", "control", "--reload"}}
	}
	p.Commands = append(p.Commands, []string{"systemctl", "daemon-reload"}, []string{"systemctl", "enable", Name})
	return p
}

// ConfigFile is the configuration with which the service starts.
func (m *Manager) ConfigFile() string {
	switch {
	case m.native != nil:
		return m.native.o.Config
	case m.systemd.o.Config != "":
		return m.systemd.o.Config
	}
	return filepath.FromSlash(configFile)
}
