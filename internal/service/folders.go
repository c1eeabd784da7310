package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// user is who the service runs as on Linux, and its group.
const user = "receiptd"

// ErrFolder says that the service could not use a folder or its configuration with the permissions that it has.
var ErrFolder = errors.New("the service's user may not use this")

// A FolderError names what the service's user may not use, and the command that mends it. Nothing but the user was made.
type FolderError struct {
	Path    string
	Command string
	Err     error
}

func (e *FolderError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *FolderError) Unwrap() error { return e.Err }

// account is a user of the system with its groups.
type account struct {
	uid, gid int
	groups   []int
}

// makeFolders makes the folders that are missing and refuses what the service's user cannot use. What stands there belongs to
// the shop: its owner and mode are not touched.
func (s *systemd) makeFolders(ctx context.Context) error {
	who, err := s.o.account(user)
	if err != nil {
		return fmt.Errorf("look up the user %s: %w", user, err)
	}
	if err := s.permitted(ctx, who); err != nil {
		return err
	}
	for _, f := range s.o.Folders {
		owner := who
		if f.Owner != user {
			owner = account{uid: os.Geteuid(), gid: os.Getegid()}
		}
		made, err := makeFolder(s.path(f.Path), f.Mode, owner)
		if err != nil {
			return &FolderError{f.Path, fmt.Sprintf("sudo install -d -o %s -g %s -m %04o %s", f.Owner, f.Owner, bits(f.Mode), quoted(f.Path)), err}
		}
		if made {
			s.o.Tell(fmt.Sprintf("已建文件夹 %s（%s，%04o）", f.Path, f.Owner, bits(f.Mode)), fmt.Sprintf("made folder %s (%s, %04o)", f.Path, f.Owner, bits(f.Mode)))
		}
	}
	return nil
}

// permitted asks the system whether the service's user may use what stands there: configuration, folders, and the way to those
// that are missing.
func (s *systemd) permitted(ctx context.Context, who account) error {
	if s.o.Config != "" && s.exists(s.o.Config) && !s.o.may(ctx, who, s.path(s.o.Config), "-r") {
		return &FolderError{s.o.Config, fmt.Sprintf("sudo chgrp %s %s && sudo chmod g+r %s", user, quoted(s.o.Config), quoted(s.o.Config)), ErrFolder}
	}
	for _, f := range s.o.Folders {
		at, there := f.Path, true
		for !s.exists(at) && filepath.Dir(at) != at {
			at, there = filepath.Dir(at), false
		}
		if st, err := os.Stat(s.path(at)); err != nil || !st.IsDir() {
			return &FolderError{at, fmt.Sprintf("sudo mv %s %s", quoted(at), quoted(at+".old")), fmt.Errorf("%w: no folder", ErrFolder)}
		}
		if closed := s.closed(ctx, who, at); closed != "" {
			return &FolderError{closed, "sudo chmod o+x " + quoted(closed), ErrFolder}
		}
		right := "-r"
		if f.Writes {
			right = "-w"
		}
		if there && !s.o.may(ctx, who, s.path(at), right) {
			return &FolderError{at, fmt.Sprintf("sudo chown %s:%s %s && sudo chmod %04o %s", f.Owner, f.Owner, quoted(at), bits(f.Mode), quoted(at)), ErrFolder}
		}
	}
	return nil
}

// closed gives the first folder of a path that the user may not pass; "" for none.
func (s *systemd) closed(ctx context.Context, who account, path string) string {
	if s.o.may(ctx, who, s.path(path), "-x") {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(filepath.Clean(path), "/"), "/")
	for i := range parts {
		if at := "/" + strings.Join(parts[:i+1], "/"); !s.o.may(ctx, who, s.path(at), "-x") {
			return at
		}
	}
	return ""
}

// makeFolder makes a folder and those above it; false when it stands there. The one itself gets owner and mode; those above
// belong to the administrator. Links below the first folder that exists are not followed out of it: others may write there.
func makeFolder(path string, mode fs.FileMode, owner account) (made bool, err error) {
	above, rest := path, ""
	for {
		_, err := os.Stat(above)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(above) == above {
			return false, err
		}
		above, rest = filepath.Dir(above), filepath.Join(filepath.Base(above), rest)
	}
	if rest == "" {
		return false, nil
	}
	root, err := os.OpenRoot(above)
	if err != nil {
		return false, err
	}
	defer root.Close()
	for i, c := range rest + "/" {
		if c != filepath.Separator && c != '/' {
			continue
		}
		if err := root.Mkdir(rest[:i], 0o755); err != nil {
			return false, err
		}
	}
	dir, err := root.Open(rest)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	return true, errors.Join(give(dir, owner), dir.Chmod(mode))
}

// bits are a mode's as chmod takes them.
func bits(mode fs.FileMode) uint32 {
	n := uint32(mode.Perm())
	if mode&fs.ModeSetgid != 0 {
		n |= 0o2000
	}
	return n
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if plain.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
