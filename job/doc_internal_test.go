package job

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var writeDoc = flag.Bool("write-doc", false, "write the guard's table into the package's documentation anew")

// docTable is the guard's table as the package's documentation has it.
func docTable() string {
	var b strings.Builder
	line := func(what, why, source string) { fmt.Fprintf(&b, "//   - %s: %s. Source: %s.\n", what, why, source) }
	b.WriteString("// A card number, or other card data, is:\n//\n")
	for _, r := range Rules() {
		line(r.ID, r.Why, r.Source)
	}
	b.WriteString("//\n// A bare number that has the form of a card's is none when it is:\n//\n")
	for _, r := range NotCards() {
		line(r.What.En, r.Why, r.Source)
	}
	b.WriteString("//\n// Prefixes and lengths:\n//\n")
	for _, s := range Schemes() {
		line(s.Name, s.Prefixes+" with "+s.Lengths+" digits", s.Source)
	}
	return b.String()
}

// TestPackageDocHasTheTable: who reads the package's documentation reads the rules that are in force.
func TestPackageDocHasTheTable(t *testing.T) {
	data, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	const head, tail = "// # The card guard\n", "package job\n"
	from := strings.Index(text, head)
	if from < 0 {
		t.Fatal("doc.go has no part about the card guard")
	}
	want := text[:from] + head + guardIntro + docTable() + tail
	if want == text {
		return
	}
	if !*writeDoc {
		t.Fatal("doc.go is out of date: go test ./job -run TestPackageDoc -write-doc")
	}
	if err := os.WriteFile("doc.go", []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
}

const guardIntro = `//
// A text is read once into groups of digits; the work is linear in its length. A card number is one whole group, or groups
// as a card has them with one and the same separator between, with a scheme's prefix, a length that it issues and the
// check digit; it is never looked for inside something longer. Identifiers are never masked in part: they pass, or the job
// is refused. docs/job.md has the same tables and says what happens in which field.
//
`
