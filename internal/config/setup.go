package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// ofSetup are the sections that a set-up may have. Whoever may use the page must not be able to lead receiptd to other folders,
// addresses or people.
var ofSetup = []string{"printer", "route", "shop"}

// notOfSetup are keys within these sections that a set-up may not have.
var notOfSetup = map[string]string{"printer.font": "font"}

// setUp lays the set-up over c, which was read from document, and gives the whole. A printer of the set-up changes the keys that it has
// of the file's printer of that name, or is one more. A route stands before the first one of the file that would take all that it is for;
// one with the same conditions takes its place.
func (v *validator) setUp(c *Config, document []byte, environ []string, read func(dataDir string) (SetUp, error)) (*Config, error) {
	s, err := read(c.Data.Dir)
	if err != nil {
		return nil, err
	}
	c.SetUp = s
	if s.Data == nil {
		return c, nil
	}
	data := bytes.TrimPrefix(s.Data, []byte("\xef\xbb\xbf"))
	own := validator{source: bytes.Split(data, []byte("\n")), part: true}
	problems := own.document(data)
	if len(problems) == 0 {
		problems = own.onlySetup()
	}
	if len(problems) == 0 {
		alone := Default()
		if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().EnableUnmarshalerInterface().Decode(alone); err != nil {
			problems = own.source.syntax(err)
		} else {
			problems = own.namedTwice(alone.Printers)
		}
	}
	if len(problems) > 0 {
		return nil, &Error{Path: s.Path, Problems: problems}
	}
	whole, err := v.merge(document, data, own.lines)
	if err != nil {
		return nil, err
	}
	merged := Default()
	merged.Path, merged.SetUp = c.Path, s
	if err := toml.NewDecoder(bytes.NewReader(whole)).EnableUnmarshalerInterface().Decode(merged); err != nil {
		return nil, fmt.Errorf("read the set-up above the file: %w", err)
	}
	v.setup.path, v.setup.source = s.Path, own.source
	merged.Origins = origins(v.lines)
	applyEnv(merged, environ) // its mistakes were told before
	v.origins = merged.Origins
	v.setupDevices(merged)
	return merged, errors.Join(printerDefaults(merged.Printers, whole), resolve(merged))
}

// onlySetup refuses, by name, what a set-up may not have.
func (v *validator) onlySetup() []Problem {
	told := map[string]bool{}
	for _, key := range slices.SortedFunc(maps.Keys(v.lines), func(a, b string) int {
		return cmp.Or(v.lines[a].line-v.lines[b].line, len(a)-len(b))
	}) {
		section, rest, _ := strings.Cut(key, ".")
		section, _, _ = strings.Cut(section, "[")
		if name := notOfSetup[section+"."+rest]; name != "" {
			v.add(key, "设置文件里不能写 "+name+"；写到 receiptd.toml", "cannot stand in the set-up; write "+name+" into receiptd.toml")
		}
		if !slices.Contains(ofSetup, section) && !told[section] {
			told[section] = true
			v.add(key, "设置文件里只能有 [[printer]]、[[route]] 和 [shop]；["+section+"] 写到 receiptd.toml",
				"cannot stand in the set-up, which holds [[printer]], [[route]] and [shop] only; write ["+section+"] into receiptd.toml")
		}
	}
	return v.problems
}

// namedTwice finds printers that a set-up has more than once.
func (v *validator) namedTwice(printers []Printer) []Problem {
	seen := map[string]bool{}
	for i, p := range printers {
		if seen[p.Name] {
			v.add(fmt.Sprintf("printer[%d].name", i), fmt.Sprintf("打印机 %q 写了两次", p.Name), fmt.Sprintf("printer %q stands here twice", p.Name))
		}
		seen[p.Name] = true
	}
	return v.problems
}

// setupDevices wants device files of a set-up below /dev.
func (v *validator) setupDevices(c *Config) {
	for i, p := range c.Printers {
		key := fmt.Sprintf("printer[%d].device", i)
		if !v.lines[key].setup {
			continue
		}
		u, err := url.Parse(p.Device)
		if err != nil || u.Scheme != "serial" && u.Scheme != "usb" || u.Host != "" {
			continue // not read here: a device of another form names no file
		}
		if at := path.Clean(u.Path); strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(at, "/dev/") {
			v.add(key, "设置文件里的设备要在 /dev 下面", "a device of the set-up lies below /dev")
		}
	}
}

// merge gives the file with the set-up above it as one document, and says in v.lines where each key of that stands.
func (v *validator) merge(document, setup []byte, own map[string]position) ([]byte, error) {
	var base, above map[string]any
	if err := errors.Join(toml.Unmarshal(document, &base), toml.Unmarshal(setup, &above)); err != nil {
		return nil, fmt.Errorf("read the set-up above the file: %w", err)
	}
	if base == nil {
		base = map[string]any{}
	}
	lines := maps.Clone(v.lines)
	if shop, ok := above["shop"].(map[string]any); ok {
		under, _ := base["shop"].(map[string]any)
		base["shop"] = over(under, shop)
		move(lines, own, "shop", "shop")
	}
	printers := sections(base["printer"])
	for i, p := range sections(above["printer"]) {
		at := slices.IndexFunc(printers, func(x map[string]any) bool { return x["name"] == p["name"] && p["name"] != nil })
		if at < 0 {
			at = len(printers)
			printers = append(printers, nil)
		}
		printers[at] = over(printers[at], p)
		move(lines, own, fmt.Sprintf("printer[%d]", i), fmt.Sprintf("printer[%d]", at))
	}
	routes, from := mergeRoutes(sections(base["route"]), sections(above["route"]))
	for key := range lines {
		if strings.HasPrefix(key, "route[") {
			delete(lines, key)
		}
	}
	for i, f := range from {
		if f >= 0 {
			move(lines, own, fmt.Sprintf("route[%d]", f), fmt.Sprintf("route[%d]", i))
		} else {
			renumber(lines, v.lines, fmt.Sprintf("route[%d]", -1-f), fmt.Sprintf("route[%d]", i))
		}
	}
	v.lines = lines
	base["printer"], base["route"] = printers, routes
	whole, err := toml.Marshal(base)
	if err != nil {
		return nil, fmt.Errorf("lay the set-up over the file: %w", err)
	}
	return whole, nil
}

// mergeRoutes puts the routes of a set-up among those of the file. from says for each where it comes from: n of the set-up, or -1-n of
// the file.
func mergeRoutes(base, above []map[string]any) (routes []map[string]any, from []int) {
	routes = slices.Clone(base)
	for i := range base {
		from = append(from, -1-i)
	}
	for i, r := range above {
		at := slices.IndexFunc(routes, func(x map[string]any) bool { return takesAll(x, r) })
		switch {
		case at < 0:
			routes, from = append(routes, r), append(from, i)
		case takesAll(r, routes[at]): // the same conditions
			if from[at] < 0 {
				routes[at], from[at] = r, i
			}
		default:
			routes, from = slices.Insert(routes, at, r), slices.Insert(from, at, i)
		}
	}
	return routes, from
}

// takesAll reports whether whatever meets b's conditions meets a's.
func takesAll(a, b map[string]any) bool {
	for key, want := range a {
		if key != "printer" && want != "" && b[key] != want {
			return false
		}
	}
	return true
}

func sections(v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// over gives the keys of both, those of above where both have one.
func over(under, above map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, under)
	maps.Copy(out, above)
	return out
}

// move notes where the keys of a section of the set-up stand, under the section's place in the whole.
func move(lines, own map[string]position, from, to string) {
	marked := make(map[string]position, len(own))
	for key, at := range own {
		at.setup = true
		marked[key] = at
	}
	renumber(lines, marked, from, to)
}

func renumber(lines, own map[string]position, from, to string) {
	for key, at := range own {
		if rest, ok := strings.CutPrefix(key, from); ok && (rest == "" || rest[0] == '.') {
			lines[to+rest] = at
		}
	}
}
