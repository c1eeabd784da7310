package rules

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

//go:embed shipped/*.toml
var shipped embed.FS

// Shipped names the files that come with receiptd.
func Shipped() []string {
	list, _ := shipped.ReadDir("shipped") // it is built in
	var names []string
	for _, e := range list {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return names
}

// Source gives the text of shipped rules.
func Source(name string) ([]byte, error) { return shipped.ReadFile("shipped/" + name + ".toml") }

// A Set is the rules of one file. It may be used by many goroutines.
type Set struct {
	Name  string // as it was asked for
	rules []rule
}

// What files may hold.
const (
	maxFile     = 64 << 10
	maxRules    = 40
	maxPatterns = 200  // of a file
	maxPattern  = 500  // bytes of one
	maxSteps    = 4000 // instructions that one is compiled to
)

// A rule as it stands in its file.
type rule struct {
	Name      string            `toml:"name"`
	Kind      job.Kind          `toml:"kind"`
	Type      string            `toml:"type"`
	Copy      job.CopyName      `toml:"copy"`
	When      []string          `toml:"when"`
	Unless    []string          `toml:"unless"`
	Facts     []string          `toml:"facts"`
	Duplicate []string          `toml:"duplicate"`
	Types     []choice          `toml:"types"`
	Copies    []choice          `toml:"copies"`
	Set       map[string]string `toml:"set"`
	Currency  string            `toml:"currency"`
	Decimal   string            `toml:"decimal"`

	when, unless, facts, duplicate []pattern
}

// A choice says what a slip is where a pattern stands on it.
type choice struct {
	Is   string `toml:"is"`
	Line string `toml:"line"`

	pattern pattern
}

// A pattern looks at so many lines at once.
type pattern struct {
	*regexp.Regexp
	lines int
	steps int
}

// The facts that patterns find: the names of their groups.
const (
	factTerminal = "terminal"
	factMerchant = "merchant"
	factBatch    = "batch"
	factVoucher  = "voucher"
	factOriginal = "original"
	factAmount   = "amount"
	factTotal    = "total"
	factOrder    = "order"
	factOperator = "operator"
	factCard     = "card"
	factTime     = "time"
)

var factNames = []string{factTerminal, factMerchant, factBatch, factVoucher, factOriginal, factAmount, factTotal, factOrder, factOperator, factCard, factTime}

// A Mistake says what is wrong with a file of rules.
type Mistake struct{ Text job.Text }

// Error says it in English.
func (m *Mistake) Error() string { return m.Text.En }

// Words says it in both languages.
func (m *Mistake) Words() (zh, en string) { return m.Text.Zh, m.Text.En }

func mistake(zh, en string) error { return &Mistake{job.Text{Zh: zh, En: en}} }

// Load gives shipped rules by their name, or those of a file. Errors: *Mistake.
func Load(name string) (*Set, error) {
	if b, err := Source(name); err == nil {
		return Parse(name, b)
	}
	if !strings.ContainsAny(name, `./\`) {
		list := strings.Join(Shipped(), ", ")
		return nil, mistake(fmt.Sprintf("没有名为 %q 的规则；自带的有：%s；自己的写文件名，例如 ./till.toml", name, list),
			fmt.Sprintf("there are no rules called %q; shipped are: %s; for your own name their file, e.g. ./till.toml", name, list))
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, mistake(fmt.Sprintf("规则 %s 不是普通文件", name), fmt.Sprintf("the rules %s are no ordinary file", name))
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	return Parse(name, b)
}

func unreadable(name string, err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	why := plain.Error(err)
	return mistake(fmt.Sprintf("规则文件 %s 读不了：%s", name, why.Zh), fmt.Sprintf("the rules' file %s cannot be read: %s", name, why.En))
}

// Parse reads rules. Errors: *Mistake.
func Parse(name string, b []byte) (*Set, error) {
	if len(b) > maxFile {
		return nil, mistake(fmt.Sprintf("规则 %s 超过 64 KB", name), fmt.Sprintf("the rules %s are longer than 64 KB", name))
	}
	var doc struct {
		Rules []rule `toml:"rule"`
	}
	d := toml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\uFEFF")))).DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return nil, notTOML(name, err)
	}
	s := &Set{Name: name, rules: doc.Rules}
	if n := len(s.rules); n == 0 || n > maxRules {
		return nil, mistake(fmt.Sprintf("规则 %s 要有 1 到 %d 段 [[rule]]", name, maxRules), fmt.Sprintf("the rules %s need 1 to %d sections [[rule]]", name, maxRules))
	}
	names, patterns := map[string]bool{}, 0
	for i := range s.rules {
		r := &s.rules[i]
		if r.Name == "" || names[r.Name] || len(r.Name) > 40 || strings.ContainsFunc(r.Name, func(c rune) bool { return c < 0x21 || c == 0x7F }) {
			return nil, mistake(fmt.Sprintf("规则 %s 第 %d 段：name 要写，不能重复，没有空格，最多 40 字节", name, i+1), fmt.Sprintf("rules %s, section %d: it needs a name of its own, without blanks, of at most 40 bytes", name, i+1))
		}
		names[r.Name] = true
		if err := r.compile(name); err != nil {
			return nil, err
		}
		patterns += len(r.when) + len(r.unless) + len(r.facts) + len(r.duplicate) + len(r.Types) + len(r.Copies)
	}
	if patterns > maxPatterns {
		return nil, mistake(fmt.Sprintf("规则 %s 的式子超过 %d 条", name, maxPatterns), fmt.Sprintf("the rules %s have more than %d patterns", name, maxPatterns))
	}
	return s, nil
}

func notTOML(name string, err error) error {
	row, what := 0, err.Error()
	var at *toml.DecodeError
	var strict *toml.StrictMissingError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		row, _ = strict.Errors[0].Position()
		what = "unknown key " + strings.Join(strict.Errors[0].Key(), ".")
	case errors.As(err, &at):
		row, _ = at.Position()
	}
	return mistake(fmt.Sprintf("规则 %s 第 %d 行写错：%s", name, row, what), fmt.Sprintf("rules %s, line %d: %s", name, row, what))
}

// compile looks at a rule and makes its patterns ready.
func (r *rule) compile(file string) error {
	wrong := func(zh, en string) error {
		return mistake(fmt.Sprintf("规则 %s 的 %s：%s", file, r.Name, zh), fmt.Sprintf("rules %s, rule %s: %s", file, r.Name, en))
	}
	if what, list := r.unknownWord(); what != "" {
		return wrong(fmt.Sprintf("%s 不能用；可以写：%s", what, list), fmt.Sprintf("%s is not known; possible are: %s", what, list))
	}
	if _, known := job.CurrencyExponent(r.Currency); r.Currency != "" && !known {
		return wrong(fmt.Sprintf("没有货币 %q", r.Currency), fmt.Sprintf("there is no currency %q", r.Currency))
	}
	if len(r.When) == 0 {
		return wrong("when 至少写一条，说明什么样的小票适用", "when needs a pattern: it says which slips the rule is for")
	}
	for _, x := range []struct {
		key  string
		from []string
		to   *[]pattern
	}{{"when", r.When, &r.when}, {"unless", r.Unless, &r.unless}, {"facts", r.Facts, &r.facts}, {"duplicate", r.Duplicate, &r.duplicate}} {
		for n, source := range x.from {
			p, zh, en := compile(source)
			if en == "" && x.key == "facts" {
				zh, en = groupsOf(p)
			}
			if en != "" {
				return wrong(fmt.Sprintf("%s 第 %d 条：%s", x.key, n+1, zh), fmt.Sprintf("%s, pattern %d: %s", x.key, n+1, en))
			}
			*x.to = append(*x.to, p)
		}
	}
	for key, list := range map[string][]choice{"types": r.Types, "copies": r.Copies} {
		for n := range list {
			p, zh, en := compile(list[n].Line)
			if en != "" {
				return wrong(fmt.Sprintf("%s 第 %d 条：%s", key, n+1, zh), fmt.Sprintf("%s, pattern %d: %s", key, n+1, en))
			}
			list[n].pattern = p
		}
	}
	return nil
}

// unknownWord gives a word of the rule that means nothing, and those that may stand there.
func (r *rule) unknownWord() (word, list string) {
	types := []string{""}
	switch r.Kind {
	case job.KindTransaction:
		types = transactionTypes
	case job.KindSettlement:
		types = []string{"", string(vocabulary.ScopeSettlement), string(vocabulary.ScopeInterim), string(vocabulary.ScopeLastSettlement)}
	}
	for _, x := range []struct {
		key, value string
		allowed    []string
	}{
		{"kind", string(r.Kind), []string{string(job.KindTransaction), string(job.KindSettlement), string(job.KindDocument)}},
		{"type", r.Type, types},
		{"copy", string(r.Copy), copyNames},
		{"decimal", r.Decimal, []string{"", ".", ","}},
	} {
		if !slices.Contains(x.allowed, x.value) {
			return fmt.Sprintf("%s = %q", x.key, x.value), strings.Trim(strings.Join(x.allowed, ", "), ", ")
		}
	}
	for key, list := range map[string][]choice{"types": r.Types, "copies": r.Copies} {
		allowed := types
		if key == "copies" {
			allowed = copyNames
		}
		for _, c := range list {
			if c.Is == "" || !slices.Contains(allowed, c.Is) {
				return fmt.Sprintf("%s.is = %q", key, c.Is), strings.Trim(strings.Join(allowed, ", "), ", ")
			}
		}
	}
	for name, value := range r.Set {
		form, ok := settable[name]
		if !ok {
			return "set." + name, strings.Join([]string{factTerminal, factMerchant, factBatch}, ", ")
		}
		if _, ok := r.value(name, value); !ok {
			return fmt.Sprintf("set.%s = %q", name, value), strings.Trim(form.String(), "^$")
		}
	}
	return "", ""
}

var copyNames = []string{"", string(job.CopyMerchant), string(job.CopyBank), string(job.CopyCardholder)}

var transactionTypes = []string{"", "sale", "sale_void", "refund", "pre_auth", "pre_auth_add", "pre_auth_void", "pre_auth_completion", "pre_auth_completion_advice",
	"pre_auth_completion_void", "offline_sale", "adjustment", "ec_sale", "ec_load", "installment", "loyalty", "balance_query", "scan_pay", "scan_pay_void", "scan_pay_refund"}

// compile makes one pattern ready, or says what is wrong with it.
func compile(source string) (p pattern, zh, en string) {
	if len(source) == 0 || len(source) > maxPattern {
		return p, fmt.Sprintf("式子要有 1 到 %d 字节", maxPattern), fmt.Sprintf("a pattern has 1 to %d bytes", maxPattern)
	}
	if folded := Fold(source); folded != source {
		return p, fmt.Sprintf("小票上的全角字符按半角读；写成 %s", folded), fmt.Sprintf("full-width characters of a slip are read as half-width ones; write %s", folded)
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return p, fmt.Sprintf("式子写错：%v", err), fmt.Sprintf("the pattern is wrong: %v", err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxSteps {
		return p, "式子太大，重复的次数写少些", "the pattern is too large; let it repeat less"
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return p, fmt.Sprintf("式子写错：%v", err), fmt.Sprintf("the pattern is wrong: %v", err)
	}
	lines := 1 + strings.Count(source, `\n`) + strings.Count(source, "\n")
	if lines > 4 {
		return p, "一条式子最多看 4 行", "a pattern sees at most 4 lines"
	}
	if re.MatchString("") && lines == 1 {
		return p, "这条式子什么都匹配", "the pattern fits everything"
	}
	return pattern{re, lines, len(prog.Inst)}, "", ""
}

func groupsOf(p pattern) (zh, en string) {
	named := 0
	for _, name := range p.SubexpNames() {
		if name == "" {
			continue
		}
		if named++; !slices.Contains(factNames, name) {
			list := strings.Join(factNames, ", ")
			return fmt.Sprintf("没有叫 %s 的内容；可以写：%s", name, list), fmt.Sprintf("there is no fact called %s; possible are: %s", name, list)
		}
	}
	if named == 0 {
		return `要有命名的组，例如 (?P<voucher>\d{1,6})`, `it needs a named group, e.g. (?P<voucher>\d{1,6})`
	}
	return "", ""
}
