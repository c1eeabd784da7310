package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// A Problem is one thing wrong with a configuration.
type Problem struct {
	Key          string // dotted: printer[1].device
	Line, Column int    // 0 when it does not come from the file
	Excerpt      string // the line with a caret below
	Zh, En       string
}

// Error holds everything wrong with one configuration.
type Error struct {
	Path     string
	Problems []Problem
}

// Error lists the problems in English.
func (e *Error) Error() string { return e.Text("en") }

// Text lists the problems in zh or en, each with its line and a caret.
func (e *Error) Text(lang string) string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		text := p.En
		if lang == "zh" {
			text = p.Zh
		}
		if p.Line > 0 {
			fmt.Fprintf(&b, "%s:%d:%d: ", e.Path, p.Line, p.Column)
		} else if e.Path != "" {
			fmt.Fprintf(&b, "%s: ", e.Path)
		}
		b.WriteString(text)
		if p.Excerpt != "" {
			b.WriteString("\n" + p.Excerpt)
		}
	}
	return b.String()
}

// Load reads the file at path, then the environment (pairs as in os.Environ) above it. The error is an *Error when the
// content is wrong; errors.Is(err, os.ErrNotExist) holds when there is no such file.
func Load(path string, environ []string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, data, environ)
}

// Parse is Load for content already read; path only names it in errors.
func Parse(path string, data []byte, environ []string) (*Config, error) {
	c := Default()
	c.Path = path
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().EnableUnmarshalerInterface()
	if err := dec.Decode(c); err != nil {
		return nil, &Error{Path: path, Problems: tomlProblems(err)}
	}
	lines := keyLines(data)
	c.Origins = origins(lines)
	problems := applyEnv(c, environ)
	for i := range c.Printers {
		printerDefaults(&c.Printers[i])
	}
	v := validator{lines: lines, source: bytes.Split(data, []byte("\n"))}
	v.check(c)
	if problems = append(problems, v.problems...); len(problems) > 0 {
		return nil, &Error{Path: path, Problems: problems}
	}
	return c, nil
}

// tomlProblems turns the decoder's errors into ours, keeping its excerpt with the caret.
func tomlProblems(err error) []Problem {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		out := make([]Problem, 0, len(strict.Errors))
		for _, e := range strict.Errors {
			key := strings.Join(e.Key(), ".")
			row, col := e.Position()
			out = append(out, Problem{Key: key, Line: row, Column: col, Excerpt: e.String(),
				Zh: fmt.Sprintf("不认识的配置项 %s%s;请改正或删除这一行", key, suggestion(key, "zh")),
				En: fmt.Sprintf("unknown key %s%s; correct or remove this line", key, suggestion(key, "en"))})
		}
		return out
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, col := de.Position()
		key := strings.Join(de.Key(), ".")
		msg := strings.TrimPrefix(de.Error(), "toml: ")
		return []Problem{{Key: key, Line: row, Column: col, Excerpt: de.String(),
			Zh: "这一行读不懂(" + msg + ");请对照 receiptd.toml 示例改正", En: msg + "; compare with the example receiptd.toml"}}
	}
	return []Problem{{Zh: "配置读不懂:" + err.Error(), En: err.Error()}}
}

// suggestion names the known key that an unknown one most likely meant.
func suggestion(key, lang string) string {
	prefix, last := "", key
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		prefix, last = key[:i+1], key[i+1:]
	}
	best, bestDistance := "", 3
	for _, known := range Keys() {
		if !strings.HasPrefix(known, prefix) || strings.Contains(known[len(prefix):], ".") {
			continue
		}
		if d := distance(last, known[len(prefix):]); d < bestDistance {
			best, bestDistance = known[len(prefix):], d
		}
	}
	switch {
	case best == "":
		return ""
	case lang == "zh":
		return "(是不是 " + best + "?)"
	}
	return " (did you mean " + best + "?)"
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next := min(row[j]+1, row[j-1]+1, last+cost)
			last, row[j] = row[j], next
		}
	}
	return row[len(b)]
}
