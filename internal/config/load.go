package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
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

// Words lists them in both.
func (e *Error) Words() (zh, en string) { return e.Text("zh"), e.Text("en") }

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
		return nil, &Error{Path: path, Problems: conceal(v.source.syntax(err), data)} // document has looked: nothing is left to be found
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
	values{v.add}.check(c)
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
	if !bytes.ContainsRune(data, '\n') && bytes.ContainsRune(data, '\r') {
		return []Problem{{Line: 1, Column: 1, Zh: "行尾是旧式 Mac 的换行；在编辑器里另存，换行选 LF 或 CRLF", En: "its lines end as on an old Mac; save it in your editor with line ends LF or CRLF"}}
	}
	if !utf8.Valid(data) {
		p := v.source.encoding()
		if utf16(data) {
			p.Zh, p.En = "文件存成了 UTF-16（记事本里叫 Unicode）；请另存为 UTF-8", "the file was saved as UTF-16 (\"Unicode\" in Notepad); save it as UTF-8"
		}
		return []Problem{p}
	}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		return v.source.syntax(err)
	}
	v.lines = keyLines(data)
	v.types("", reflect.TypeFor[Config](), tree)
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return a.Line - b.Line })
	return v.problems
}

// encoding tells of the first line that is not UTF-8.
func (s source) encoding() Problem {
	p := Problem{Zh: "文件不是 UTF-8 编码；请在编辑器里另存为 UTF-8", En: "the file is not UTF-8; save it as UTF-8 in your editor"}
	for i, line := range s {
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
	for _, at := range places(c) {
		p := at.path
		rooted := filepath.IsAbs(*p) || strings.HasPrefix(filepath.ToSlash(*p), "/") // on Windows /x is of the current drive
		if *p != "" && !rooted {
			*p = filepath.Join(base, *p)
		}
	}
	return nil
}
