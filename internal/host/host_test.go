package host

import (
	"os"
	"path/filepath"
	"testing"
)

// A name that is given counts before the system's; both are numbers that tell nothing.
func TestID(t *testing.T) {
	t.Setenv(Variable, "till 3")
	a := ID()
	t.Setenv(Variable, "till 4")
	if b := ID(); a <= 0 || b <= 0 || a == b || a != number("given", "till 3") {
		t.Errorf("%d, %d", a, b)
	}
	t.Setenv(Variable, "")
	if id, _ := machine(); (id == "") != (ID() == 0) {
		t.Errorf("a machine called %q has the number %d", id, ID())
	}
}

// A file keeps its number under another name, and when it is written; a copy has another one.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	if err := os.WriteFile(a, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := File(a)
	if n == 0 {
		t.Skip("this file system keeps no numbers")
	}
	if err := os.Rename(a, b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b, []byte("other"), 0o600); err != nil || File(b) != n {
		t.Errorf("%v; %d became %d", err, n, File(b))
	}
	if err := os.WriteFile(c, []byte("other"), 0o600); err != nil || File(c) == n || File(c) == 0 {
		t.Errorf("%v; a copy has %d", err, File(c))
	}
	if File(filepath.Join(dir, "none")) != 0 {
		t.Error("a file that is not there has a number")
	}
}
