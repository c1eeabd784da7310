package config

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// NotifyEvents are what a receiver can be told.
var NotifyEvents = []string{"printer_not_ready", "paper_low", "slip_uncertain", "slip_overdue", "reversal_open", "batch_not_settled", "disk_full",
	"journal_trouble", "clock_jumped"}

func (v values) watch(w Watch) {
	for _, x := range []struct {
		key  string
		time Duration
	}{{"printer", w.Printer}, {"transaction", w.Transaction}, {"reversal", w.Reversal}, {"settlement", w.Settlement}, {"order", w.Order}, {"document", w.Document}} {
		if x.time != 0 {
			v.span("watch."+x.key, x.time, 5*time.Second, 24*time.Hour)
		}
	}
	if w.MinFreeMB != 0 {
		v.within("watch.min_free_mb", w.MinFreeMB, 100, 1000000)
	}
	if _, err := time.Parse("15:04", w.SettledBy); w.SettledBy != "" && err != nil {
		v.add("watch.settled_by", `要写成 24 小时制的时间，例如 "23:30"`, `wants a time of day, like "23:30"`)
	}
}

func (v values) notify(list []Notify) {
	seen := map[string]bool{}
	for i, n := range list {
		key := fmt.Sprintf("notify[%d].", i)
		if !printerName.MatchString(n.Name) {
			v.add(key+"name", fmt.Sprintf("%q 不能作名字;用 1 到 32 个字母、数字、点、横线", n.Name), fmt.Sprintf("%q cannot be a name; use 1 to 32 letters, digits, dots, dashes", n.Name))
		} else if seen[n.Name] {
			v.add(key+"name", fmt.Sprintf("%q 写了两次", n.Name), fmt.Sprintf("%q stands here twice", n.Name))
		}
		seen[n.Name] = true
		for _, event := range n.Events {
			v.oneOf(key+"events", event, NotifyEvents...)
		}
		for _, what := range n.Share {
			v.oneOf(key+"share", what, "amount")
		}
		v.line(key+"from", n.From, 40)
	}
	if len(list) > 20 {
		v.add("notify", "最多 20 段", "at most 20 sections")
	}
}

// shownOfNotify are the keys of [[notify]] whose values may be seen.
var shownOfNotify = []string{"name", "form", "url_file", "secret_file", "ca_file", "private", "events", "share", "from"}

var (
	sectionHead = regexp.MustCompile(`^\s*\[+\s*["']?([^\]"'.\s]*)`)
	keyOfLine   = regexp.MustCompile(`^\s*["']?([A-Za-z0-9_-]+)["']?\s*=`)
	numbered    = regexp.MustCompile(`^(\s*>?\s*)(\d+)\|(.*)$`)
	address     = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://\S*`)
)

// conceal takes keys out of the excerpts of problems: lines of [[notify]] that may hold one, however they are misspelt.
func conceal(problems []Problem, source []byte) []Problem {
	secret := secretLines(source)
	for i := range problems {
		p := &problems[i]
		lines := strings.Split(p.Excerpt, "\n")
		for j, line := range lines {
			if m := numbered.FindStringSubmatch(line); m != nil {
				if n, err := strconv.Atoi(m[2]); err == nil && secret[n] {
					lines[j] = concealed(m[1]+m[2]+"|", m[3])
				}
			}
		}
		p.Excerpt = strings.Join(lines, "\n")
		if secret[p.Line] || strings.HasPrefix(p.Key, "notify") {
			p.Zh, p.En = address.ReplaceAllString(p.Zh, "…"), address.ReplaceAllString(p.En, "…")
		}
	}
	return problems
}

// secretLines numbers the lines of a configuration that may hold a key: all of sections that are not known to hold none.
func secretLines(source []byte) map[int]bool {
	secret := map[int]bool{}
	inside := false
	for i, line := range bytes.Split(source, []byte("\n")) {
		if head := sectionHead.FindSubmatch(line); head != nil {
			inside = !slices.Contains([]string{"spool", "data", "http", "shop", "templates", "journal", "slip", "money", "guard", "watch", "archive", "fleet", "log", "printer", "route", "capture"}, string(head[1]))
			continue
		}
		key := keyOfLine.FindSubmatch(line)
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t\"'#"), []byte("notify")) { // in one line, or dotted
			secret[i+1] = true
			continue
		}
		secret[i+1] = inside && (key == nil || !slices.Contains(shownOfNotify, string(key[1])))
	}
	return secret
}

// Conceal takes the keys out of a configuration as it stands in its file.
func Conceal(source []byte) []byte {
	secret := secretLines(source)
	lines := bytes.Split(source, []byte("\n"))
	for i := range lines {
		if secret[i+1] {
			lines[i] = []byte(concealed("", string(lines[i])))
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// concealed keeps a line's key and drops what follows.
func concealed(gutter, line string) string {
	if m := keyOfLine.FindString(line); m != "" {
		return gutter + m + " …"
	}
	if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") && !strings.Contains(line, "=") && !strings.Contains(line, "://") {
		return gutter + line
	}
	return gutter + " …"
}
