package httpd

import (
	"io/fs"
	"net/http"
)

// Files serves the files of a tree, and lists none: a folder is not found.
func Files(tree fs.FS) http.Handler {
	files := http.FileServerFS(onlyFiles{tree})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" || r.URL.Path[len(r.URL.Path)-1] == '/' { // net/http would redirect a file's name with a slash behind it
			http.NotFound(w, r)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// onlyFiles is a tree in which no folder can be opened.
type onlyFiles struct{ fs.FS }

// Open opens a file.
func (x onlyFiles) Open(name string) (fs.File, error) {
	f, err := x.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		_ = f.Close() // nothing was read
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f, nil
}
