// Package wholefile writes a file whole or not at all, where others may write beside it.
//
// A reader sees the old content or the new one, never a part. The file is written under a random hidden name that must not exist
// before, and then renamed: whatever somebody planted in the folder, a link, a pipe, a file of an expected name, is neither
// followed nor opened nor written to. After a crash a hidden file may be left; Left tells its name.
package wholefile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The beginning and end of the names of files that are still being written. A drop folder ignores such names.
const (
	prefix = ".receiptd-"
	suffix = ".tmp"
)

// TempName gives a name that nobody can foresee.
func TempName() string { return prefix + rand.Text() + suffix }

// Left tells whether a name is one that TempName gives: in a folder of ours it is what a crash left.
func Left(name string) bool {
	return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix)
}

// Create makes a file of a new random name in a folder and opens it for writing.
func Create(root *os.Root, mode fs.FileMode) (f *os.File, name string, err error) {
	name = TempName()
	f, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	return f, name, err
}

// Put writes a file into a folder that is held open. It does not wait for the disk: after a power cut the file may be empty, or
// still the old one. name is a plain name, without a path. mode is limited by the umask.
func Put(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	return put(root, name, data, mode, false)
}

// Write writes a file that is on disk under its name when Write returns.
func Write(path string, data []byte, mode fs.FileMode) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer root.Close()
	if err := WriteIn(root, filepath.Base(path), data, mode); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// WriteIn is Write into a folder that is held open. name is a plain name, without a path.
func WriteIn(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	return errors.Join(put(root, name, data, mode, true), syncFolder(root))
}

// least is how long a secret is: what is shorter is none, as an empty file that a crash left.
const least = 16

// Secret reads the secret of a file, or makes a new one that is on disk when Secret returns.
func Secret(path string, mode fs.FileMode) (string, error) {
	data, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(data)); err == nil && len(text) >= least {
		return text, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	secret := rand.Text()
	if err := Write(path, []byte(secret+"\n"), mode); err != nil {
		return "", fmt.Errorf("write secret: %w", err)
	}
	return secret, nil
}

// SyncFolder waits until the names in a folder are on disk.
func SyncFolder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return syncFolder(root)
}

// SyncRoot is SyncFolder for a folder that is held open.
func SyncRoot(root *os.Root) error { return syncFolder(root) }

func put(root *os.Root, name string, data []byte, mode fs.FileMode, sync bool) error {
	f, tmp, err := Create(root, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if sync && err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = replace(root, tmp, name)
	}
	if err != nil {
		_ = root.Remove(tmp) // nothing more can be done about it: Left tells what it is
	}
	return err
}
