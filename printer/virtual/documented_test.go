package virtual

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func readPage(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fields are the names of all fields in a value's JSON, those of inner objects too.
func fields(t *testing.T, v any) (names []string) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				names = append(names, name)
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	var any any
	if err := json.Unmarshal(b, &any); err != nil {
		t.Fatal(err)
	}
	walk(any)
	return names
}

// Every field that the control interface shows is in its page.
func TestFieldsAreDocumented(t *testing.T) {
	page := readPage(t, "virtual-printer.md")
	piece := Piece{strip: &strip{}, width: 8}
	state := State{NotDone: []NotDone{{}}}
	n := 0
	for _, v := range []any{piece, state} {
		for _, name := range fields(t, v) {
			n++
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("docs/virtual-printer.md does not say what %s is", name)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d fields were found", n)
	}
}

// Every command whose length this printer knows is in the page that says what is done and what is not.
func TestCommandsAreDocumented(t *testing.T) {
	page := strings.ReplaceAll(readPage(t, "virtual-commands.md"), "`ESC SP`", "`ESC 20`")
	page = strings.ReplaceAll(page, "`ESC FF`", "`ESC 0c`")
	for prefix, table := range fixedLen {
		for second := range table {
			name := nameOf([]byte{prefix, second})
			if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "`"+name+" ") {
				t.Errorf("docs/virtual-commands.md does not name %s", name)
			}
		}
	}
}
