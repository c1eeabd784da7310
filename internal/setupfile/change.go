package setupfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
)

// Kinds are the routes that the page offers, the narrower one first.
var Kinds = []api.SetupRoute{{Kind: "transaction"}, {Kind: "reversal"}, {Kind: "settlement"}, {Kind: "order", Copy: "kitchen"}, {Kind: "order"}, {Kind: "document"}}

// routeKey is how a SetupChange names a route.
func routeKey(kind, copyName string) string {
	if copyName == "" {
		return kind
	}
	return kind + "/" + copyName
}

// A content is a set-up as it stands in its file: keys that the page does not know stay.
type content struct {
	shop     map[string]any
	printers []map[string]any
	routes   []map[string]any
}

func read(data []byte) (content, error) {
	var doc struct {
		Shop     map[string]any   `toml:"shop"`
		Printers []map[string]any `toml:"printer"`
		Routes   []map[string]any `toml:"route"`
	}
	if err := toml.Unmarshal(data, &doc); err != nil {
		return content{}, fmt.Errorf("read the set-up: %w", err)
	}
	return content{doc.Shop, doc.Printers, doc.Routes}, nil
}

// shown gives what is configured. A route is the page's own when it has no condition but kind and copy.
func shown(c *config.Config, file config.SetUp) api.Setup {
	out := api.Setup{File: file.Path, Locale: c.Shop.Locale, Timezone: c.Shop.Timezone}
	own, err := read(file.Data)
	if err != nil { // config read it before
		return out
	}
	for i, p := range c.Printers {
		byPage := slices.ContainsFunc(own.printers, func(m map[string]any) bool { return m["name"] == p.Name })
		out.Printers = append(out.Printers, api.SetupPrinter{Name: p.Name, Label: p.Label, Device: p.Device, Profile: p.Profile, Identity: p.Identity, ByPage: byPage, ByHand: byHand(c, i)})
	}
	for _, r := range Kinds {
		r.Now = c.PrinterFor("", r.Kind, cmp.Or(r.Copy, "customer"), "", "")
		if r.Kind != "order" {
			r.Now = c.PrinterFor("", r.Kind, "merchant", "", "")
		}
		if at := own.route(r.Kind, r.Copy); at >= 0 {
			r.Printer, _ = own.routes[at]["printer"].(string)
		}
		out.Routes = append(out.Routes, r)
	}
	return out
}

// byHand reports whether something of a printer stands in the configuration file.
func byHand(c *config.Config, i int) bool {
	for key, from := range c.Origins {
		if strings.HasPrefix(key, fmt.Sprintf("printer[%d].", i)) && strings.HasPrefix(from, "file:") {
			return true
		}
	}
	return false
}

func isByHand(c *config.Config, name string) bool {
	i := slices.IndexFunc(c.Printers, func(p config.Printer) bool { return p.Name == name })
	return i >= 0 && byHand(c, i)
}

// route finds the page's own route, -1 for none.
func (c *content) route(kind, copyName string) int {
	return slices.IndexFunc(c.routes, func(r map[string]any) bool {
		for key, v := range r {
			switch key {
			case "printer":
			case "kind":
				if v != kind {
					return false
				}
			case "copy":
				if v != copyName {
					return false
				}
			default:
				return false
			}
		}
		return r["kind"] != nil && (copyName == "" || r["copy"] != nil)
	})
}

// changed gives the set-up's new content, or why there is none.
func changed(old []byte, now *config.Config, change api.SetupChange) ([]byte, []job.Problem, error) {
	c, err := read(old)
	if err != nil {
		return nil, nil, err
	}
	if c.shop == nil {
		c.shop = map[string]any{}
	}
	put := func(key string, v *string, in string) {
		if v != nil && *v != in {
			c.shop[key] = *v
		}
	}
	put("locale", change.Locale, now.Shop.Locale)
	put("timezone", change.Timezone, now.Shop.Timezone)
	if change.Printer != nil {
		c.put(*change.Printer, now)
	}
	if change.Remove != "" {
		at := slices.IndexFunc(c.printers, func(m map[string]any) bool { return m["name"] == change.Remove })
		if at < 0 {
			return nil, []job.Problem{{Code: "not_by_page", Message: job.Text{Zh: "打印机 " + change.Remove + " 不是在这个页面上设置的。", En: "Printer " + change.Remove + " was not set up on this page."},
				Fix: job.Text{Zh: "在配置文件里去掉它的 [[printer]] 一段。", En: "Remove its [[printer]] section from the configuration file."}}}, nil
		}
		c.printers = slices.Delete(c.printers, at, at+1)
		c.routes = slices.DeleteFunc(c.routes, func(m map[string]any) bool { return m["printer"] == change.Remove && !isByHand(now, change.Remove) })
	}
	for _, r := range Kinds {
		to, ok := change.Routes[routeKey(r.Kind, r.Copy)]
		if !ok {
			continue
		}
		if at := c.route(r.Kind, r.Copy); at >= 0 {
			c.routes = slices.Delete(c.routes, at, at+1)
		}
		if to == "" {
			continue
		}
		m := map[string]any{"kind": r.Kind, "printer": to}
		if r.Copy != "" {
			m["copy"] = r.Copy
		}
		at := len(c.routes)
		if r.Copy != "" { // the narrower one stands first: the first that matches counts
			at = 0
		}
		c.routes = slices.Insert(c.routes, at, m)
	}
	data, err := c.write()
	return data, nil, err
}

// put sets a printer's values. What the configuration file says of it anyway is not repeated.
func (c *content) put(p api.SetupPrinter, now *config.Config) {
	at := slices.IndexFunc(c.printers, func(m map[string]any) bool { return m["name"] == p.Name })
	if at < 0 {
		at = len(c.printers)
		c.printers = append(c.printers, map[string]any{"name": p.Name})
	}
	var is config.Printer
	for _, x := range now.Printers {
		if x.Name == p.Name {
			is = x
		}
	}
	for _, v := range []struct{ key, want, have string }{{"label", p.Label, is.Label}, {"device", p.Device, is.Device}, {"profile", p.Profile, is.Profile}, {"identity", p.Identity, is.Identity}} {
		if v.want != v.have {
			c.printers[at][v.key] = v.want
		}
	}
}

// order is how keys follow each other in a section.
var order = []string{"name", "label", "device", "profile", "identity", "kind", "copy", "printer"}

const head = `# Written by receiptd's set-up page (/setup); it lies above the configuration file. Comments are lost at the next change there.
# 由 receiptd 的设置页（/setup）写成，高于配置文件。页面再改时，这里的注释会丢。
`

func (c *content) write() ([]byte, error) {
	var b strings.Builder
	b.WriteString(head)
	if len(c.shop) > 0 {
		if err := writeSection(&b, "[shop]", c.shop); err != nil {
			return nil, err
		}
	}
	for _, p := range c.printers {
		if err := writeSection(&b, "[[printer]]", p); err != nil {
			return nil, err
		}
	}
	for _, r := range c.routes {
		if err := writeSection(&b, "[[route]]", r); err != nil {
			return nil, err
		}
	}
	return []byte(b.String()), nil
}

func writeSection(b *strings.Builder, title string, m map[string]any) error {
	b.WriteString("\n" + title + "\n")
	keys := slices.SortedFunc(maps.Keys(m), func(x, y string) int {
		return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x, y))
	})
	for _, key := range keys {
		line, err := toml.Marshal(map[string]any{key: m[key]})
		if err != nil {
			return fmt.Errorf("write %s: %w", key, err)
		}
		b.Write(line)
	}
	return nil
}

func rank(key string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

// differences lists the values that change, as a person reads them.
func differences(before, after *config.Config) []api.SetupDifference {
	a, b := values(before), values(after)
	var out []api.SetupDifference
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if a[key] != b[key] {
			out = append(out, api.SetupDifference{Key: key, Before: a[key], After: b[key]})
		}
	}
	return out
}

// values are what a set-up may change, by key. A printer is named, a route is said by what it takes.
func values(c *config.Config) map[string]string {
	out := map[string]string{"shop.locale": c.Shop.Locale, "shop.timezone": c.Shop.Timezone}
	for _, p := range c.Printers {
		at := "printer." + p.Name + "."
		for key, v := range map[string]string{"label": p.Label, "device": p.Device, "profile": p.Profile, "identity": p.Identity, "proof": unless(p.Proof, "auto"), "on_paper_out": p.OnPaperOut,
			"failover": p.Failover, "width": number(p.Width), "feed": number(p.Feed), "select_after": number(p.SelectAfter), "select": truth(p.Select)} {
			out[at+key] = v
		}
	}
	for _, r := range c.Routes {
		key := "route"
		for _, condition := range []string{r.Kind, r.Copy, r.Station, r.Counter, r.TerminalNo} {
			if condition != "" {
				key += "." + condition
			}
		}
		out[key] = cmp.Or(out[key], r.Printer) // the first one counts
	}
	return out
}

// unless gives a value that is not the usual one.
func unless(v, usual string) string {
	if v == usual {
		return ""
	}
	return v
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return ""
}
