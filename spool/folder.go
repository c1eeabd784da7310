package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/receiptd/receiptd/internal/filelock"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// A folder is one of the drop folder's folders, held open: everything in it is done through what is held, whatever lies under
// its name meanwhile. Names are those of directory entries; the last link of a name is never followed. Closing a folder while
// it is used makes the use fail, and nothing else.
type folder struct {
	root *os.Root
	dir  *os.File // the same folder, for what os.Root cannot do
	info fs.FileInfo
}

// openFolder opens the folder at a path that the configuration names. Links on the way are the administrator's own.
func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return hold(root)
}

// openIn opens a folder in a folder, which must be a folder itself and no link to one.
func (f *folder) openIn(name string) (*folder, error) {
	entry, err := f.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !entry.IsDir() {
		return nil, errNoFolder
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	sub, err := hold(root)
	if err == nil && !os.SameFile(sub.info, entry) { // swapped in between
		sub.close()
		return nil, errNoFolder
	}
	return sub, err
}

var errNoFolder = plain.New("文件夹的位置上是链接或文件", "a link or a file lies where the folder should be")

func hold(root *os.Root) (*folder, error) {
	dir, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	info, err := dir.Stat()
	if err != nil {
		dir.Close()
		root.Close()
		return nil, err
	}
	return &folder{root: root, dir: dir, info: info}, nil
}

func (f *folder) close() {
	if f != nil {
		_ = filelock.Release(f.dir) // it was only read
		f.root.Close()
	}
}

// names lists what lies in the folder, in no order.
func (f *folder) names() ([]string, error) {
	d, err := f.root.Open(".")
	if err != nil {
		return nil, bare(err)
	}
	defer d.Close()
	list, err := d.Readdirnames(-1)
	return list, bare(err)
}

// openRegular opens a regular file for reading. It does not wait for anybody, whatever lies there: errNotRegular.
func (f *folder) openRegular(name string) (*os.File, fs.FileInfo, error) {
	entry, err := f.root.Lstat(name)
	if err != nil {
		return nil, nil, bare(err)
	}
	if !entry.Mode().IsRegular() {
		return nil, nil, errNotRegular
	}
	file, err := f.openNoFollow(name)
	if err != nil {
		return nil, nil, bare(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		file.Close()
		return nil, nil, bare(err)
	}
	return file, info, nil
}

var errNotRegular = errors.New("not a regular file")

// bare takes the path out of an error: names are the senders' own words, and one may be a card number.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return fmt.Errorf("%s: %w", l.Op, l.Err)
	}
	return err
}

// shows tells whether a file that is made in the folder is seen in another way too.
func (f *folder) shows(seen func(name string) (fs.FileInfo, error)) bool {
	file, name, err := wholefile.Create(f.root, 0o600)
	if err != nil {
		return false
	}
	_, err = seen(name)
	return errors.Join(err, file.Close(), f.remove(name)) == nil
}
