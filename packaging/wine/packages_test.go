//go:build wine

package wine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackages runs the tests of what is done in another way at Windows. Other tests of these packages meet what wine cannot do: remove a
// file through a folder that is held open, break a connection off, or hold a writer up.
func TestPackages(t *testing.T) {
	for _, p := range []struct{ name, tests string }{
		{"internal/wholefile", "TestReplaceWaitsForAReader"},
		{"internal/hint", "."},
		{"printer/link", "^Test(USBPrint|Spooler)Conforms$"},
	} {
		t.Run(p.name, func(t *testing.T) {
			if p.tests == "." && testing.Short() {
				t.Skip("reads the sources, which the same tests do elsewhere")
			}
			program := filepath.Base(p.name) + ".test.exe"
			build := exec.Command("go", "test", "-c", "-o", filepath.Join(w.drive, "tests", program), "github.com/receiptd/receiptd/"+p.name)
			build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			r := run(t, `C:\tests\`+program, "-test.v", "-test.run", p.tests)
			if r.code != 0 || !strings.Contains(r.out, "--- PASS: Test") {
				t.Errorf("%s%s", r.out, r.err)
			}
		})
	}
}
