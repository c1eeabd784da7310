package docs_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The pictures in the pages are what the program draws today; -update draws them anew.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []struct{ name, job, copy string }{
		{"sale-preview.png", "01-sale-chip", "merchant"},
		{"kitchen.png", "11-order-meituan", "kitchen"},
		{"customer.png", "11-order-meituan", "customer"},
		{"settlement.png", "17-settlement", "merchant"},
	} {
		out := filepath.Join(dir, p.name)
		cmd := exec.Command(receiptd, "job", "preview", filepath.Join("..", "examples", "jobs", p.job+".json"), "--copy", p.copy, "-o", out,
			"--config", emptyConfig(t, dir))
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", p.name, err, text)
		}
		compare(t, p.name, []byte(read(t, out)))
	}
}

// The paper beside the preview comes out of the virtual printer, from the bytes that it received.
func TestPictureOfPaper(t *testing.T) {
	s := openShop(t)
	for _, pair := range s.env {
		if control, ok := strings.CutPrefix(pair, "PRINTER="); ok {
			resp, err := http.Get(control + "/pieces/1.png")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var png bytes.Buffer
			if _, err := png.ReadFrom(resp.Body); err != nil {
				t.Fatal(err)
			}
			compare(t, "sale-paper.png", png.Bytes())
		}
	}
}

func emptyConfig(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "empty.toml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func compare(t *testing.T, name string, drawn []byte) {
	t.Helper()
	path := filepath.Join("pictures", name)
	if *update {
		if err := os.WriteFile(path, drawn, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal([]byte(read(t, path)), drawn) {
		t.Errorf("%s is out of date: go test ./docs -run TestPicture -update, and look at it", path)
	}
}
