package config

import (
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/internal/plain"
)

// ofProgram are the variables that are no keys of the file. Those that begin with RECEIPTD_TEST_ are kept for tests.
var ofProgram = []string{"RECEIPTD_CONFIG", "RECEIPTD_LANG", "RECEIPTD_OPERATOR", "RECEIPTD_HOST_ID"}

const (
	ofReceiptd = "RECEIPTD_"
	ofTests    = ofReceiptd + "TEST_"
)

// onlyInFile tells the keys of sections that may stand there several times, and what a variable cannot hold.
func onlyInFile(key string, of reflect.Type) bool {
	section, _, _ := strings.Cut(key, ".")
	return isList(section) || of == reflect.TypeFor[map[string][]string]() || of == reflect.TypeFor[Key]()
}

// variable is the name of a key's environment variable.
func variable(key string) string {
	return ofReceiptd + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// EnvName is the environment variable that sets a key, "" for a key that only stands in the file.
func EnvName(key string) string {
	if of := fieldTypes()[key]; of == nil || onlyInFile(key, of) {
		return ""
	}
	return variable(key)
}

// applyEnv sets the single-valued keys from RECEIPTD_SECTION_KEY, e.g. RECEIPTD_SPOOL_DIR or RECEIPTD_HTTP_LISTEN (a list
// is separated by commas). Sections that may stand several times are only in the file.
func applyEnv(c *Config, environ []string) []Problem {
	env, problems := map[string]string{}, []Problem(nil)
	for _, pair := range environ {
		k, v, ok := strings.Cut(pair, "=")
		if runtime.GOOS == "windows" { // where a variable has no case
			k = strings.ToUpper(k)
		}
		if ok && strings.HasPrefix(strings.ToUpper(k), ofReceiptd) {
			env[k] = v
		}
	}
	root := reflect.ValueOf(c).Elem()
	walk(root.Type(), "", func(key string, f reflect.StructField, index []int) {
		name := variable(key)
		value, ok := env[name]
		if !ok || onlyInFile(key, f.Type) {
			return
		}
		delete(env, name)
		if err := setText(root.FieldByIndex(index), value); err != nil {
			zh, en := words(err)
			problems = append(problems, Problem{Key: key, Zh: "环境变量 " + name + "：" + zh, En: "environment variable " + name + ": " + en})
			return
		}
		c.Origins[key] = "env " + name
	})
	c.Remarks = nil
	for _, name := range sortedKeys(env) {
		if slices.Contains(ofProgram, name) || strings.HasPrefix(name, ofTests) {
			continue
		}
		if p, sure := unknownVariable(name); sure {
			problems = append(problems, p)
		} else {
			c.Remarks = append(c.Remarks, p)
		}
	}
	return problems
}

// unknownVariable tells of a variable that nothing reads. sure: it was meant for the configuration, so that receiptd would run otherwise
// than somebody wanted; else it may be another program's.
func unknownVariable(name string) (p Problem, sure bool) {
	known := slices.Clone(ofProgram)
	for key, of := range fieldTypes() {
		if !onlyInFile(key, of) {
			known = append(known, variable(key))
		}
	}
	slices.Sort(known)
	upper := strings.ToUpper(name)
	zh, en := plain.Meant(upper, known)
	if slices.Contains(known, upper) {
		zh, en = "（要用大写字母："+upper+"）", "; it is written in capitals: "+upper
	}
	sure = zh != ""
	if section := sectionOf(upper); !sure && section != "" {
		sure = true
		zh, en = "（[["+section+"]] 只能写在文件里）", "; [["+section+"]] stands in the file only"
		if !isList(section) {
			zh, en = "（["+section+"] 里没有能这样写的项）", "; ["+section+"] has no such key that a variable can set"
		}
	}
	return Problem{Zh: "没有环境变量 " + name + zh + "；改正或去掉它", En: "there is no environment variable " + name + en + "; correct or remove it"}, sure
}

// sectionOf is the section that a variable's name begins with, "" for none.
func sectionOf(name string) string {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		section := t.Field(i).Tag.Get("toml")
		rest, ok := strings.CutPrefix(name, ofReceiptd+strings.ToUpper(section))
		if section != "-" && ok && (rest == "" || rest[0] == '_') {
			return section
		}
	}
	return ""
}
