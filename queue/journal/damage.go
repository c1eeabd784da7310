package journal

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/receiptd/receiptd/internal/sqlitefile"
	"github.com/receiptd/receiptd/job"
)

// A Damage is what shows that a journal is not sound, in both languages. It is ErrCorrupt.
type Damage struct {
	Found []job.Text
	said  error // by SQLite; nil for nothing
}

func damaged(found ...job.Text) *Damage { return &Damage{Found: found} }

// Error tells in English.
func (d *Damage) Error() string { return ErrCorrupt.Error() + ": " + d.Text().En }

// Words gives it for people.
func (d *Damage) Words() (zh, en string) { return "日志库有损坏：" + d.Text().Zh, d.Error() }

// Unwrap gives ErrCorrupt, and what SQLite said.
func (d *Damage) Unwrap() []error {
	if d.said == nil {
		return []error{ErrCorrupt}
	}
	return []error{ErrCorrupt, d.said}
}

// Text is all that was found, each in one line.
func (d *Damage) Text() job.Text { return joined(d.Found) }

func joined(found []job.Text) (all job.Text) {
	for i, t := range found {
		if i > 0 {
			all.Zh, all.En = all.Zh+"；", all.En+"; "
		}
		all.Zh, all.En = all.Zh+t.Zh, all.En+strings.ReplaceAll(t.En, "\n", "; ")
	}
	return all
}

// DamageOf gives what was found wrong with a journal; ok is false where an error says something else.
func DamageOf(err error) (found job.Text, ok bool) {
	if d, ok := errors.AsType[*Damage](err); ok {
		return d.Text(), true
	}
	if errors.Is(err, ErrCorrupt) {
		return job.Text{Zh: "文件坏了", En: err.Error()}, true
	}
	return job.Text{}, false
}

// damage turns what SQLite says about a broken file into a Damage.
func damage(err error) error {
	switch sqlitefile.Code(err) {
	case sqlite3.SQLITE_CORRUPT:
		return &Damage{[]job.Text{{Zh: "文件里有的页坏了，读不下去", En: err.Error()}}, err}
	case sqlite3.SQLITE_NOTADB:
		return &Damage{[]job.Text{{Zh: "文件的开头坏了，或者根本不是日志库", En: err.Error()}}, err}
	}
	return err
}

var pageNumbers = regexp.MustCompile(`(?i)\bpage (\d+)`)

// brokenPages words what SQLite's integrity_check tells, which is English: in Chinese it names the pages.
func brokenPages(said []string) job.Text {
	var pages []string
	for _, m := range pageNumbers.FindAllStringSubmatch(strings.Join(said, "\n"), -1) {
		if !slices.Contains(pages, m[1]) {
			pages = append(pages, m[1])
		}
	}
	zh := fmt.Sprintf("文件的页或索引坏了 %d 处", len(said))
	if len(pages) > 0 {
		zh += "（第 " + strings.Join(pages, "、") + " 页）"
	}
	return job.Text{Zh: zh, En: strings.Join(said, "; ")}
}
