package httpd_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/receiptd/receiptd/internal/httpd"
)

// A folder is not found, however it is asked for; a file is served.
func TestFilesListsNothing(t *testing.T) {
	h := httpd.Files(fstest.MapFS{"static/a.css": {Data: []byte("a")}, "static/deep/b.js": {Data: []byte("b")}})
	for path, want := range map[string]int{"/static/a.css": 200, "/static/deep/b.js": 200, "/": 404, "/static": 404, "/static/": 404, "/static/deep": 404, "/static/deep/": 404,
		"/static/a.css/": 404, "/static/../static/": 404, "/static/index.html": 404, "/none": 404} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		h.ServeHTTP(w, r)
		if w.Code != want && (want != 404 || w.Code != 301) { // index.html is a folder's other name
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
