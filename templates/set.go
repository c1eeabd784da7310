package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
)

//go:embed builtin/*.receipt
var builtinFiles embed.FS

const (
	extension   = ".receipt"
	partialName = "_slip" // the sections that the templates of a locale share
)

// Options say where a Set takes its templates from. The zero value uses the built-in ones alone.
type Options struct {
	Dir    string // overrides, named like sale.zh-CN.receipt; may be missing
	Locale string // for jobs that name none; empty means zh-CN
}

// A Set holds compiled templates. It may be used by several goroutines at once.
type Set struct {
	dir    string
	locale string
	table  atomic.Pointer[table]

	mu    sync.Mutex // held while overrides are read
	files map[string]*override
}

// table is one complete state of a Set; it is never changed once it is in use.
type table struct {
	entries  map[string]*compiled // by id
	builtins map[string]*compiled
}

// compiled is one template with the sections it may call.
type compiled struct {
	name, locale string
	lang         language
	file         string // the override's path; empty for a built-in
	tmpl         *template.Template
	runners      sync.Pool // of *runner
}

// runner is a copy of a template whose functions count cells as env says. One goroutine uses it at a time.
type runner struct {
	tmpl *template.Template
	env  env
}

func (c *compiled) newRunner() (*runner, error) {
	t, err := c.tmpl.Clone()
	if err != nil {
		return nil, err
	}
	r := &runner{tmpl: t}
	t.Funcs(functions(&r.env))
	return r, nil
}

func (c *compiled) id() string { return c.name + "." + c.locale }

// Load compiles the built-in templates and the overrides of o.Dir. A broken override is left out and reported by
// Problems; Load fails only if the folder exists and cannot be read.
func Load(o Options) (*Set, error) {
	s := &Set{locale: o.Locale, files: map[string]*override{}}
	if o.Dir != "" {
		s.dir = filepath.Clean(o.Dir)
	}
	if s.locale == "" {
		s.locale = "zh-CN"
	}
	built, err := builtinTable()
	if err != nil {
		return nil, err
	}
	s.table.Store(built)
	if _, err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// builtinTable is compiled once: what it holds never changes.
var builtinTable = sync.OnceValues(func() (*table, error) {
	sources, err := builtinSources()
	if err != nil {
		return nil, err
	}
	entries, problems := compileAll(sources)
	for id, err := range problems {
		return nil, fmt.Errorf("built-in template %s: %w", id, err)
	}
	return &table{entries: entries, builtins: entries}, nil
})

// source is the text of one template file.
type source struct {
	text string
	file string // empty for a built-in
}

func builtinSources() (map[string]source, error) {
	names, err := fs.Glob(builtinFiles, "builtin/*"+extension)
	if err != nil {
		return nil, err
	}
	out := make(map[string]source, len(names))
	for _, n := range names {
		b, err := builtinFiles.ReadFile(n)
		if err != nil {
			return nil, err
		}
		out[strings.TrimSuffix(path.Base(n), extension)] = source{text: string(b)}
	}
	return out, nil
}

// splitID parts sale.zh-CN into its name and locale.
func splitID(id string) (name, locale string) {
	name, locale, _ = strings.Cut(id, ".")
	return name, locale
}

// baseLocale gives the built-in locale whose words serve a locale.
func baseLocale(locale string) string {
	if l := strings.ToLower(locale); l == "zh" || strings.HasPrefix(l, "zh-") || strings.HasPrefix(l, "zh_") {
		return "zh-CN"
	}
	return "en"
}

func languageOf(locale string) language {
	if baseLocale(locale) == "zh-CN" {
		return chinese
	}
	return english
}

// compileAll compiles every template with the sections of its locale, or of the locale it is based on.
func compileAll(sources map[string]source) (map[string]*compiled, map[string]error) {
	entries, problems := map[string]*compiled{}, map[string]error{}
	partials := map[string]*template.Template{}
	for id, src := range sources {
		name, locale := splitID(id)
		if name != partialName {
			continue
		}
		t, err := compilePartials(id, src.text)
		if err != nil {
			problems[id] = err
			continue
		}
		partials[locale] = t
	}
	for id, src := range sources {
		name, locale := splitID(id)
		if name == partialName {
			continue
		}
		base := partials[locale]
		if base == nil {
			base = partials[baseLocale(locale)]
		}
		if base == nil {
			problems[id] = fmt.Errorf("the sections %s.%s it calls did not compile", partialName, locale)
			continue
		}
		c, err := compile(base, id, src)
		if err != nil {
			problems[id] = err
			continue
		}
		entries[id] = c
	}
	return entries, problems
}

func compilePartials(id, text string) (*template.Template, error) {
	t := template.New(id).Delims(leftDelim, rightDelim).Option("missingkey=error").Funcs(functions(&env{}))
	if _, err := t.Parse(joinControlLines(text)); err != nil {
		return nil, err
	}
	return t, escapeNew(t, nil)
}

func compile(base *template.Template, id string, src source) (*compiled, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	if t, err = t.New(id).Parse(joinControlLines(src.text)); err != nil {
		return nil, err
	}
	if err := escapeNew(t, base); err != nil {
		return nil, err
	}
	name, locale := splitID(id)
	return &compiled{name: name, locale: locale, lang: languageOf(locale), file: src.file, tmpl: t}, nil
}

// escapeNew escapes the trees of t that base does not share, and checks that every section called is there.
func escapeNew(t, base *template.Template) error {
	for _, n := range t.Templates() {
		if n.Tree == nil {
			continue
		}
		if base != nil {
			if b := base.Lookup(n.Name()); b != nil && b.Tree == n.Tree {
				continue
			}
		}
		if err := escapeTree(n.Tree, func(name string) bool { return t.Lookup(name) != nil }); err != nil {
			return err
		}
	}
	return nil
}

// find gives the template for a locale: its own, else that of the built-in locale whose words serve it.
func (t *table) find(name, locale string) *compiled {
	if c := t.entries[name+"."+locale]; c != nil {
		return c
	}
	return t.entries[name+"."+baseLocale(locale)]
}

func (t *table) builtin(c *compiled) *compiled {
	return t.builtins[c.name+"."+baseLocale(c.locale)]
}

// Info describes one template of a Set.
type Info struct {
	Name   string `json:"name"`
	Locale string `json:"locale"`
	File   string `json:"file,omitempty"` // the override in use; empty: built in
	Zh     string `json:"zh"`             // what it prints
	En     string `json:"en"`
}

// List gives the templates in use, by name and locale, the shared sections (_slip) first.
func (s *Set) List() []Info {
	t := s.table.Load()
	var out []Info
	for _, locale := range []string{"zh-CN", "en"} {
		w := describe[partialName]
		out = append(out, Info{Name: partialName, Locale: locale, File: s.overrideOf(partialName + "." + locale), Zh: w.zh, En: w.en})
	}
	for _, c := range t.entries {
		w := describe[c.name]
		out = append(out, Info{c.name, c.locale, c.file, w.zh, w.en})
	}
	slices.SortFunc(out, func(a, b Info) int {
		return strings.Compare(a.Name+" "+a.Locale, b.Name+" "+b.Locale)
	})
	return out
}

var describe = map[string]word{
	partialName:  {"各签购单共用的段落", "the sections that slips share"},
	"sale":       {"消费及其他银行卡交易", "sale and other card transactions"},
	"void":       {"撤销", "voids"},
	"refund":     {"退货", "refund"},
	"pre-auth":   {"预授权", "pre-authorisation"},
	"completion": {"预授权完成", "completion of a pre-authorisation"},
	"scan-pay":   {"扫码支付", "scan payments"},
	"declined":   {"交易未成功", "declined transaction"},
	"reversal":   {"冲正通知", "reversal notice"},
	"settlement": {"结算单", "settlement"},
	"order":      {"外卖单(顾客联、配送联)", "order: customer's and rider's copy"},
	"kitchen":    {"外卖单(厨房联)", "order: kitchen copy"},
	"document":   {"自由文档的抬头", "head of free documents"},
}

// ErrUnknownTemplate is returned for a name that no built-in template has.
var ErrUnknownTemplate = errors.New("no such template")
