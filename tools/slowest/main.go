// Slowest prints the slowest tests of a run, for the table in CONTRIBUTING.md:
//
//	go test -json ./... | go run -C tools ./slowest
//	go test -json ./... | go run -C tools ./slowest -write ../CONTRIBUTING.md
//
// With -write the table between the two marks in that file is replaced. A test that only starts others, which run beside each
// other, counts as long as the longest of them.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	began = "<!-- slowest tests -->\n"
	ended = "<!-- end of slowest tests -->\n"
)

func main() {
	most := flag.Int("n", 10, "how many tests")
	file := flag.String("write", "", "put the table into this file")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *most, *file); err != nil {
		fmt.Fprintln(os.Stderr, "slowest:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, most int, file string) error {
	list, err := read(in)
	if err != nil {
		return err
	}
	table := format(list, most)
	if file == "" {
		_, err = io.WriteString(out, table)
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read table: %w", err)
	}
	before, rest, ok := bytes.Cut(text, []byte(began))
	_, after, ok2 := bytes.Cut(rest, []byte(ended))
	if !ok || !ok2 {
		return errors.New("there are no two marks in " + file)
	}
	return os.WriteFile(file, slices.Concat(before, []byte(began+table+ended), after), 0o644)
}

// A timing is how long one test took, in seconds.
type timing struct {
	pkg, test string
	seconds   float64
}

// read takes the events of go test -json and gives the tests that passed, the slowest first. It fails when one did not, as its time
// says nothing, and when there was none.
func read(in io.Reader) ([]timing, error) {
	longest := map[timing]float64{} // by package and test
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e struct {
			Action, Package, Test string
			Elapsed               float64
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // what the compiler says stands between the events
		}
		if e.Action == "fail" {
			return nil, fmt.Errorf("%s %s failed", e.Package, e.Test)
		}
		if e.Action != "pass" || e.Test == "" {
			continue
		}
		top, _, _ := strings.Cut(e.Test, "/")
		key := timing{pkg: e.Package, test: top}
		longest[key] = max(longest[key], e.Elapsed)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(longest) == 0 {
		return nil, errors.New("no test passed; was it run with -json?")
	}
	var list []timing
	for key, seconds := range longest {
		key.seconds = seconds
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b timing) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), strings.Compare(a.pkg, b.pkg), strings.Compare(a.test, b.test))
	})
	return list, nil
}

func format(list []timing, most int) string {
	const module = "github.com/receiptd/receiptd"
	var b strings.Builder
	b.WriteString("| test | package | seconds |\n| --- | --- | --- |\n")
	for _, t := range list[:min(most, len(list))] {
		name := strings.TrimPrefix(strings.TrimPrefix(path.Clean(t.pkg), module), "/")
		fmt.Fprintf(&b, "| `%s` | `%s` | %.1f |\n", t.test, name, t.seconds)
	}
	return b.String()
}
