package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// SetupFile is the name of the set-up in the data folder: what the set-up page wrote.
const SetupFile = "setup.toml"

// mostSetup is the size beyond which a set-up is not one.
const mostSetup = 256 << 10

// A SetUp is the part of a configuration that the set-up page writes.
type SetUp struct {
	Path   string // where it stands, or would
	Data   []byte // nil: there is none
	Hidden error  // it may not be read: its values are not known here
}

// A Loader reads one configuration from where it stands: its file, the set-up above it, the environment above both.
type Loader struct {
	Path     string
	Optional bool     // no file at Path is as good as an empty one
	Environ  []string // as in os.Environ
	Checks   []Check
}

// Load reads the configuration. For its error see the function Load.
func (l Loader) Load() (*Config, error) { return l.load(ReadSetUp) }

// With reads the configuration as it would be with another content of the set-up.
func (l Loader) With(setup []byte) (*Config, error) {
	return l.load(func(dir string) (SetUp, error) {
		return SetUp{Path: filepath.Join(dir, SetupFile), Data: setup}, nil
	})
}

func (l Loader) load(setup func(dataDir string) (SetUp, error)) (*Config, error) {
	data, err := os.ReadFile(l.Path)
	path := l.Path
	if l.Optional && errors.Is(err, fs.ErrNotExist) {
		path, err = "", nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := parse(path, data, l.Environ, setup, l.Checks)
	var wrong *Error
	if path == "" && errors.As(err, &wrong) && wrong.Path == "" {
		wrong.Path = l.Path // where to write what is missing
	}
	return c, err
}

// ReadSetUp reads the set-up of a data folder. One that the caller may not read is no error: see SetUp.Hidden.
func ReadSetUp(dataDir string) (SetUp, error) {
	s := SetUp{Path: filepath.Join(dataDir, SetupFile)}
	info, err := os.Lstat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case errors.Is(err, fs.ErrPermission):
		s.Hidden = err
		return s, nil
	case err != nil:
		return s, fmt.Errorf("look at the set-up: %w", err)
	case !info.Mode().IsRegular() || info.Size() > mostSetup:
		return s, &Error{Path: s.Path, Problems: []Problem{{Zh: "这不是设置页写的文件（要普通文件，不大于 256 kB）；把它移走", En: "this is no file that the set-up page wrote (a plain one of at most 256 kB); move it away"}}}
	}
	data, err := os.ReadFile(s.Path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		s.Hidden = err
	case err != nil:
		return s, fmt.Errorf("read the set-up: %w", err)
	}
	s.Data = data
	return s, nil
}
