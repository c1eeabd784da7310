package job_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain makes the properties look at more than rapid's hundred cases of default, and keeps their failures out of testdata.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": "500", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
