package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// A Problem is one thing wrong with a configuration.
type Problem struct {
	Key          string // dotted: printer[1].device
	File         string // where it stands, when that is not the Error's Path
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
		if file := cmp.Or(p.File, e.Path); p.Line > 0 {
			fmt.Fprintf(&b, "%s:%d:%d: ", file, p.Line, p.Column)
		} else if file != "" {
			fmt.Fprintf(&b, "%s: ", file)
		}
		b.WriteString(text)
		if p.Excerpt != "" {
			b.WriteString("\n" + p.Excerpt)
		}
	}
	return b.String()
}

// A Check looks for what this package cannot know, such as devices and fonts. It tells of each key that is wrong and what to do.
type Check func(c *Config, wrong func(key, zh, en string))

// Load reads the file at path, the set-up above it (SetupFile, in the data folder), and the environment (pairs as in os.Environ) above
// both. The error is an *Error when the content is wrong; errors.Is(err, os.ErrNotExist) holds when there is no file at path.
func Load(path string, environ []string, checks ...Check) (*Config, error) {
	return Loader{Path: path, Environ: environ, Checks: checks}.Load()
}

// Parse reads content that came from path, "" for none, and the environment above it; no set-up.
func Parse(path string, data []byte, environ []string, checks ...Check) (*Config, error) {
	return parse(path, data, environ, nil, checks)
}

// parse reads a configuration; setup gives the set-up's content for a data folder, nil for none.
func parse(path string, data []byte, environ []string, setup func(dataDir string) (SetUp, error), checks []Check) (*Config, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // as editors of Windows begin a file
	v := validator{source: bytes.Split(data, []byte("\n"))}
	if problems := v.document(data); len(problems) > 0 {
		return nil, &Error{Path: path, Problems: conceal(problems, data)}
	}
	c := Default()
	c.Path = path
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().EnableUnmarshalerInterface()
	if err := dec.Decode(c); err != nil {
		return nil, &Error{Path: path, Problems: conceal(tomlProblems(err), data)}
	}
	c.Origins = origins(v.lines)
	problems := applyEnv(c, environ)
	v.origins = c.Origins
	if err := errors.Join(printerDefaults(c.Printers, data), resolve(c)); err != nil {
		return nil, err
	}
	if setup != nil && len(problems) == 0 {
		var err error
		if c, err = v.setUp(c, data, environ, setup); err != nil {
			return nil, err
		}
	}
	v.check(c)
	for _, look := range checks {
		if len(problems)+len(v.problems) == 0 {
			look(c, v.add)
		}
	}
	if problems = append(problems, v.problems...); len(problems) > 0 {
		return nil, &Error{Path: path, Problems: conceal(problems, data)}
	}
	return c, nil
}

// document looks whether the file is text of the right shape, before anything is taken from it.
func (v *validator) document(data []byte) []Problem {
	if !utf8.Valid(data) {
		p := v.encoding()
		if utf16(data) {
			p.Zh, p.En = "文件存成了 UTF-16（记事本里叫 Unicode）；请另存为 UTF-8", "the file was saved as UTF-16 (\"Unicode\" in Notepad); save it as UTF-8"
		}
		return []Problem{p}
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		return v.explain(tomlProblems(err))
	}
	v.lines = keyLines(data)
	v.types("", reflect.TypeFor[Config](), tree)
	return v.problems
}

// encoding tells of the first line that is not UTF-8.
func (v *validator) encoding() Problem {
	p := Problem{Zh: "文件不是 UTF-8 编码；请在编辑器里另存为 UTF-8", En: "the file is not UTF-8; save it as UTF-8 in your editor"}
	for i, line := range v.source {
		if utf8.Valid(line) {
			continue
		}
		good := 0
		for _, r := range string(line) {
			if r == utf8.RuneError {
				break
			}
			good += utf8.RuneLen(r)
		}
		shown := strings.TrimRight(strings.ToValidUTF8(string(line), "?"), "\r")
		p.Line, p.Column, p.Excerpt = i+1, good+1, excerpt(i+1, good+1, 1, shown)
		break
	}
	return p
}

// storedLogo is a logo in the printer's memory: its number, width and height. Anything else names a file.
var storedLogo = regexp.MustCompile(`^[0-9]{1,3}, ?[0-9]{1,4}, ?[0-9]{1,4}$`)

// resolve takes relative paths from the configuration's folder: they must not depend on where a command is started.
func resolve(c *Config) error {
	if c.Path == "" {
		return nil
	}
	base, err := filepath.Abs(filepath.Dir(c.Path))
	if err != nil {
		return fmt.Errorf("find the configuration's folder: %w", err)
	}
	paths := []*string{&c.Spool.Dir, &c.Data.Dir, &c.Templates.Dir, &c.Log.File}
	if !storedLogo.MatchString(c.Slip.Logo) {
		paths = append(paths, &c.Slip.Logo)
	}
	for i := range c.Printers {
		paths = append(paths, &c.Printers[i].Font)
	}
	for i := range c.Notify {
		n := &c.Notify[i]
		paths = append(paths, &n.URLFile, &n.SecretFile, &n.CAFile)
	}
	for _, p := range paths {
		rooted := filepath.IsAbs(*p) || strings.HasPrefix(filepath.ToSlash(*p), "/") // on Windows /x is of the current drive
		if *p != "" && !rooted {
			*p = filepath.Join(base, *p)
		}
	}
	return nil
}

// advice words what the decoder says most often.
var advice = []struct{ says, zh, en string }{
	{"escape", `双引号里的 \ 是转义符；Windows 路径用单引号，例如 'C:\receiptd'`, `a \ in double quotes begins an escape; put a Windows path into single quotes, like 'C:\receiptd'`},
	{"already defined", "这一项写了两次；删掉一个", "this stands here twice; remove one"},
	{"", "这一行读不懂；看看引号、等号和方括号，对照 receiptd.toml 示例改正", "this line cannot be read; look at quotes, equals sign and brackets, and compare with the example receiptd.toml"},
}

var afterCaret = regexp.MustCompile(`(~+) .*$`)

// tomlProblems turns the decoder's errors into ours, keeping its excerpt with the caret.
func tomlProblems(err error) []Problem {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		out := make([]Problem, 0, len(strict.Errors))
		for _, e := range strict.Errors {
			key := strings.Join(e.Key(), ".")
			row, col := e.Position()
			out = append(out, Problem{Key: key, Line: row, Column: col, Excerpt: afterCaret.ReplaceAllString(e.String(), "$1"),
				Zh: fmt.Sprintf("不认识的配置项 %s%s;请改正或删除这一行", key, suggestion(key, "zh")),
				En: fmt.Sprintf("unknown key %s%s; correct or remove this line", key, suggestion(key, "en"))})
		}
		return out
	}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		row, col := de.Position()
		key := strings.Join(de.Key(), ".")
		for _, a := range advice {
			if strings.Contains(de.Error(), a.says) {
				return []Problem{{Key: key, Line: row, Column: col, Excerpt: afterCaret.ReplaceAllString(de.String(), "$1"), Zh: a.zh, En: a.en}}
			}
		}
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
