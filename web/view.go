package web

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A view is what every page knows about who looks at it. Templates call its methods for words.
type view struct {
	Zh        bool
	Zone      *time.Location // the shop's clock, nil: not known
	labels    func(name string) string
	Page      string // the template that fills it
	Title     string
	Paired    bool
	Form      string // a page form's token
	Operator  string
	Terminal  string   // of this counter; "" is all
	Terminals []string // filled by terminals
	Path      string   // of this page, to come back to
	Search    string
	Now       time.Time
	Version   string
	Posted    bool  // the answer to a form: its address cannot be asked for again
	SetUp     bool  // there is a set-up page for who looks
	Devices   bool  // and one of devices
	asker     asker // who looks
	door      *door
	Alarms    []Alarm // what needs a person, on every page; nil: not read yet
	Body      any
}

// Beside are the alarms that the counter page shows nowhere else.
func (v *view) Beside() []Alarm {
	return slices.DeleteFunc(slices.Clone(v.Alarms), func(a Alarm) bool { return !a.beside })
}

// Acts tells whether who looks may do what the counter does without a PIN.
func (v *view) Acts() bool {
	return v.Paired && v.door.forbids(v.asker, need{right: api.RightReprint}) == nil
}

// Opens tells whether who looks may open the cash drawer.
func (v *view) Opens() bool { return v.Paired && v.door.forbids(v.asker, opens) == nil }

// once gives a name for what one form does: sent twice it is done once.
func once() string { return oncePrefix + rand.Text()[:20] }

// oncePrefix begins what the page's forms ask for.
const oncePrefix = "page-"

// Allows tells whether who looks may do one of api.Allowable, with the PIN.
func (v *view) Allows(what string) bool {
	return v.Paired && v.door.forbids(v.asker, need{right: api.RightReprint, allow: what}) == nil
}

// OnNetwork tells whether the page is looked at from the shop's network.
func (v *view) OnNetwork() bool { return v.door.lan }

// Right words a right.
func (v *view) Right(right string) string {
	switch right {
	case api.RightLook:
		return v.T("right.look")
	case api.RightReprint:
		return v.T("right.reprint")
	case api.RightSubmit:
		return v.T("right.submit")
	case api.RightDrawer:
		return v.T("right.drawer")
	}
	return right
}

// Day is a date, by the shop's clock.
func (v *view) Day(t time.Time) string { return t.In(cmp.Or(v.Zone, time.Local)).Format(time.DateOnly) }

// Unchosen reports that there are several terminals and that this counter has not chosen its own: then nobody can say which slip is the last.
func (v *view) Unchosen() bool { return v.Terminal == "" && len(v.Terminals) > 1 }

// Lang is the language of the page for its lang attribute.
func (v *view) Lang() string {
	if v.Zh {
		return "zh-CN"
	}
	return "en"
}

// T gives one of the page's texts, with its values put in.
func (v *view) T(key string, args ...any) string {
	text := v.Text(words[key])
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// Word gives one of the page's texts in both languages.
func (v *view) Word(key string) job.Text { return words[key] }

// Other gives a text in the language that the page is not in: a browser that is not paired has not said which one its reader knows.
func (v *view) Other(t job.Text) string {
	if v.Zh {
		return t.En
	}
	return t.Zh
}

// OtherLang is that language, for the lang attribute.
func (v *view) OtherLang() string {
	if v.Zh {
		return "en"
	}
	return "zh-CN"
}

// Printer is what people call a printer.
func (v *view) Printer(name string) string {
	if v.labels == nil {
		return name
	}
	return v.labels(name)
}

// Text gives a text in the language of the page.
func (v *view) Text(t job.Text) string {
	if v.Zh {
		return t.Zh
	}
	return t.En
}

// V words a code of the API; what has no word is shown as it is.
func (v *view) V(kind string, code any) string {
	c := fmt.Sprint(code)
	if base, station, ok := strings.Cut(c, "@"); ok && kind == "copy" {
		return v.V(kind, base) + " " + station
	}
	if text := v.Text(value(vocabulary.Kind(kind), c)); text != "" || c == "" {
		return text
	}
	return c
}

// Why words a reason; one that is not ours comes out as another reason.
func (v *view) Why(reason vocabulary.Reason) string {
	if reason == "" {
		return ""
	}
	if text := v.Text(value(vocabulary.KindReason, reason)); text != "" {
		return text
	}
	return v.Text(value(vocabulary.KindReason, "other"))
}

func (v *view) join(text string) string {
	if v.Zh {
		return "：" + text
	}
	return ": " + text
}

// Money writes an amount with its currency, as people read it.
func (v *view) Money(minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	text := job.FormatAmount(minor, currency)
	if currency == "CNY" {
		if minor < 0 {
			return "-¥" + text[1:]
		}
		return "¥" + text
	}
	return currency + " " + text
}

// Settled says what the terminal's settlement says beside the sum of the slips, "" when there is none.
func (v *view) Settled(x queue.Sum) string {
	switch agrees := x.Agrees(); {
	case x.Settlement == nil:
		return ""
	case agrees == api.AgreesAll:
		return v.T("batch.sum.agrees")
	case agrees == api.AgreesTotals:
		return v.T("batch.sum.totals", v.Money(*x.Paid, x.Currency))
	case agrees == api.AgreesPaid:
		return v.T("batch.sum.paid", v.Money(*x.Paid, x.Currency))
	}
	return v.T("batch.sum.differs", v.Money(*x.Settlement, x.Currency))
}

// Clock writes a time of the day in the shop's clock, with its date when that is not today.
func (v *view) Clock(t time.Time) string {
	if v.Zone != nil {
		t = t.In(v.Zone)
	}
	return v.clock(t)
}

// clock writes a time as it says itself.
func (v *view) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if t.Format(time.DateOnly) == v.Now.In(t.Location()).Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// Span writes a duration in whole seconds, minutes or hours.
func (v *view) Span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	unit := func(n int, zh, en string) string {
		if v.Zh {
			return fmt.Sprintf("%d%s", n, zh)
		}
		return fmt.Sprintf("%d %s", n, en)
	}
	switch {
	case d < time.Minute:
		return unit(int(d.Seconds()), "秒", "s")
	case d < time.Hour:
		return unit(int(d.Minutes()), "分钟", "min")
	}
	return unit(int(d.Hours()), "小时", "h")
}
