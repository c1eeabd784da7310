package docs_test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/keeping"
)

// A document's generated part lies between a comment that says what it holds and <!-- end -->.
var generatedPart = regexp.MustCompile(`(?s)(<!-- (part|table|errors|metrics|guard|kept|steps)(?:: ([^\n]*?))? -->\n)(.*?)(<!-- end -->)`)

// What is written from the code must be as the code is; -update writes it.
func TestGeneratedParts(t *testing.T) {
	seen := make(map[string]int)
	for _, page := range pages(t) {
		text := read(t, page)
		fresh := generatedPart.ReplaceAllStringFunc(text, func(part string) string {
			m := generatedPart.FindStringSubmatch(part)
			seen[m[2]]++
			var body string
			switch m[2] {
			case "part":
				body = partOf(t, m[3])
			case "table":
				body = schemaTable(t, m[3])
			case "errors":
				body = errorTables(t)
			case "guard":
				body = guardTable(t, m[3])
			case "metrics":
				body = metricTable(t, m[3])
			case "kept":
				body = keptTable()
			case "steps":
				body = stepPicture()
			}
			return m[1] + body + m[5]
		})
		if fresh == text {
			continue
		}
		if !*update {
			t.Errorf("%s is out of date: go test ./docs -run TestGeneratedParts -update", page)
			continue
		}
		if err := os.WriteFile(page, []byte(fresh), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"part", "table", "errors", "metrics", "guard", "kept", "steps"} {
		if seen[kind] == 0 {
			t.Errorf("no page holds a part of the kind %s", kind)
		}
	}
}

// keptTable is the table of what is kept, as the program has it.
func keptTable() string {
	var b strings.Builder
	b.WriteString("| what | where | how long | goes with it | erased by order number |\n|---|---|---|---|---|\n")
	for _, k := range keeping.Kinds {
		fmt.Fprintf(&b, "| %s<br>%s | `%s` | %s<br>%s | %s<br>%s | %s<br>%s |\n", k.What.Zh, k.What.En, k.Where, k.Long.Zh, k.Long.En, k.Purge.Zh, k.Purge.En, k.Erased.Zh, k.Erased.En)
	}
	return b.String()
}

// partOf fences a part of a file: FILE, or FILE | FROM | TO, from the first line that holds FROM up to the next that holds TO.
func partOf(t *testing.T, what string) string {
	t.Helper()
	fields := strings.Split(what, " | ")
	text := read(t, filepath.Join("..", fields[0]))
	if len(fields) == 3 {
		lines := strings.SplitAfter(text, "\n")
		from := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, fields[1]) })
		if from < 0 {
			t.Fatalf("%s holds no line with %s", fields[0], fields[1])
		}
		to := slices.IndexFunc(lines[from:], func(l string) bool { return strings.Contains(l, fields[2]) })
		if to < 0 {
			t.Fatalf("%s holds no line with %s after that", fields[0], fields[2])
		}
		text = strings.Join(lines[from:from+to], "")
	}
	language := map[string]string{".py": "python", ".mjs": "js", ".java": "java", ".cs": "csharp", ".sh": "bash part", ".toml": "toml"}[filepath.Ext(fields[0])]
	return "```" + language + "\n" + strings.TrimSpace(dedent(text)) + "\n```\n"
}

// dedent takes the blanks of the first line off every line.
func dedent(text string) string {
	blanks := text[:len(text)-len(strings.TrimLeft(text, " "))]
	return strings.ReplaceAll("\n"+text, "\n"+blanks, "\n")
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"`)

func TestLinks(t *testing.T) {
	checked := 0
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(withoutCode(read(t, page)), -1) {
			target := m[1] + m[2]
			u, err := url.Parse(target)
			if err != nil {
				t.Errorf("%s: %s: %v", page, target, err)
				continue
			}
			if u.Scheme != "" || u.Path == "" {
				continue
			}
			checked++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), u.Path)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, target)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d links were found", checked)
	}
}

func withoutFences(text string) string {
	return regexp.MustCompile("(?s)```.*?```").ReplaceAllString(text, "")
}

func withoutCode(text string) string {
	return regexp.MustCompile("`[^`\n]*`").ReplaceAllString(withoutFences(text), "")
}

var (
	inline  = regexp.MustCompile("`(receiptd [^`]+)`")
	flagged = regexp.MustCompile(`\s(--[a-z][a-z-]*)`)
)

// Every command that a page names exists, with every flag it gives.
func TestCommandsExist(t *testing.T) {
	commands := make(map[string]string) // command line, page
	for _, page := range pages(t) {
		text := read(t, page)
		for _, m := range inline.FindAllStringSubmatch(withoutFences(text), -1) {
			commands[m[1]] = page
		}
		for _, f := range fences(page, text) {
			for line := range strings.SplitSeq(f.text, "\n") {
				if strings.HasPrefix(f.info, "sh ") && strings.HasPrefix(line, "receiptd ") {
					commands[line] = page
				}
			}
		}
	}
	if len(commands) < 40 {
		t.Errorf("only %d commands were found", len(commands))
	}
	help := make(map[string]string)
	for line, page := range commands {
		path := commandPath(line)
		if _, ok := help[path]; !ok {
			out, err := exec.Command(receiptd, append(strings.Fields(path)[1:], "--help")...).CombinedOutput()
			if err != nil {
				t.Errorf("%s: `%s`: %v\n%s", page, line, err, out)
			}
			help[path] = string(out)
		}
		if !strings.Contains(help[path], "\nUsage:\n  "+path) {
			t.Errorf("%s: `%s`: there is no command %q", page, line, path)
			continue
		}
		for _, m := range flagged.FindAllStringSubmatch(line, -1) {
			if !strings.Contains(help[path], m[1]+" ") && !strings.Contains(help[path], m[1]+"\n") && !strings.Contains(help[path], m[1]+"[") {
				t.Errorf("%s: `%s`: %s has no flag %s", page, line, path, m[1])
			}
		}
	}
}

// commandPath is the part of a command line that names the command.
func commandPath(line string) string {
	path := "receiptd"
	parents := []string{"job", "batch", "printer", "template", "journal", "reversal", "config", "service", "supervisor", "device", "token", "data", "capture", "fleet", "hub"}
	for i, word := range strings.Fields(line)[1:] {
		if !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(word) || i == 1 && !slices.Contains(parents, strings.Fields(path)[1]) || i > 1 {
			break
		}
		path += " " + word
	}
	return path
}

func TestConfigIsComplete(t *testing.T) {
	page := read(t, "config.md")
	for _, key := range config.Keys() {
		if name := key[strings.LastIndex(key, ".")+1:]; !strings.Contains(page, name) {
			t.Errorf("config.md does not name %s", key)
		}
	}
	for i, f := range fences("config.md", page) {
		if f.info != "toml" || i == 0 {
			continue
		}
		if _, err := config.Parse("config.md", []byte(f.text), nil); err != nil {
			t.Errorf("config.md:%d: %v", f.line, err)
		}
	}
}

// The tests that architecture.md names exist.
func TestNamedTestsExist(t *testing.T) {
	names := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9]+)`").FindAllStringSubmatch(read(t, "architecture.md"), -1)
	if len(names) < 20 {
		t.Fatalf("architecture.md names only %d tests", len(names))
	}
	var all strings.Builder
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, "_test.go") {
			all.WriteString(read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range names {
		if !strings.Contains(all.String(), "func "+m[1]+"(") {
			t.Errorf("architecture.md names %s, which does not exist", m[1])
		}
	}
}

// Both READMEs show the same blocks to run.
func TestReadmesAgree(t *testing.T) {
	blocks := func(page string) (out []string) {
		for _, f := range fences(page, read(t, page)) {
			if strings.HasPrefix(f.info, "sh ") {
				out = append(out, strings.ReplaceAll(f.text, " --lang zh", ""))
			}
		}
		return out
	}
	if en, zh := blocks("../README.md"), blocks("../README.zh.md"); !slices.Equal(en, zh) {
		t.Errorf("README.md has the blocks\n%s\nREADME.zh.md has\n%s", fmt.Sprintf("%q", en), fmt.Sprintf("%q", zh))
	}
}

// No page ever advises taking the money a second time: every sentence about it forbids it or asks first.
func TestNoSecondCharge(t *testing.T) {
	advice := regexp.MustCompile(`(?i)重新刷|再刷|再扫|重复刷|charge (?:the card )?again|swipe again|take the card`)
	careful := regexp.MustCompile(`(?i)不要|别|请勿|\bnot\b|\bnever\b|\bno\b`)
	found := 0
	for _, page := range pages(t) {
		for i, line := range strings.Split(read(t, page), "\n") {
			for sentence := range strings.SplitSeq(strings.ReplaceAll(line, "。", ". "), ". ") {
				if !advice.MatchString(sentence) {
					continue
				}
				found++
				if !careful.MatchString(sentence) {
					t.Errorf("%s:%d: this reads as advice to charge again: %s", page, i+1, sentence)
				}
			}
		}
	}
	if found < 6 {
		t.Errorf("only %d sentences about it were found", found)
	}
}
