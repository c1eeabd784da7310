package giveback

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestOwnMappings reads what the system tells of this very process, and leaves out whatever was written to.
func TestOwnMappings(t *testing.T) {
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	code := reflect.ValueOf(ownFile).Pointer()
	list := ownMappings(smaps, code)
	has := false
	for _, m := range list {
		has = has || code >= m.from && code < m.to
	}
	if !has || len(list) < 2 {
		t.Errorf("%v: neither the code nor the rest of the file", list)
	}
	ownFile()
	if again := ownMappings(smaps, code); !reflect.DeepEqual(again, list) {
		t.Errorf("%v, then %v", list, again)
	}
	for name, text := range map[string]string{
		"a debugger changed the code": strings.ReplaceAll(string(smaps), "Anonymous:             0 kB", "Anonymous:             4 kB"),
		"swapped out":                 strings.ReplaceAll(string(smaps), "Swap:                  0 kB", "Swap:                  4 kB"),
		"nothing is told":             "",
		"half a line":                 "00400000-",
	} {
		if list := ownMappings([]byte(text), code); list != nil {
			t.Errorf("%s: %v", name, list)
		}
	}
	if list := ownMappings(smaps, 1); list != nil {
		t.Errorf("another's code: %v", list)
	}
}
