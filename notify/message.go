package notify

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A message is what a receiver is told at once: one notice, some, or that there are many.
type message struct {
	id      string // the same for the same notices
	to      *Receiver
	label   func(printer string) string
	pending api.PendingNotices
}

// linesShown is how many notices a text names; of more it counts them.
const linesShown = 5

// text is the message for people, in one piece.
func (m *message) text() string {
	f, _ := formOf(m.to.Form)
	var b strings.Builder
	if from := cmp.Or(m.to.From, "receiptd"); m.to.Zh {
		b.WriteString("【" + from + "】")
	} else {
		b.WriteString("[" + from + "] ")
	}
	shown := m.pending.Notices
	if m.pending.Total > linesShown {
		shown = shown[:min(len(shown), linesShown)]
		b.WriteString(m.say(fmt.Sprintf("共 %d 条消息", m.pending.Total), fmt.Sprintf("%d messages", m.pending.Total)))
		for _, c := range m.pending.Counts {
			fmt.Fprintf(&b, "\n· %s × %d", m.word(c.Event, c.Over), c.Count)
		}
		b.WriteString("\n" + m.say("最早的：", "The first:"))
	}
	for i, n := range shown {
		if i > 0 || m.pending.Total > linesShown {
			b.WriteString("\n")
		}
		b.WriteString(m.line(n))
	}
	text := b.String()
	if f.escape != nil {
		text = f.escape(text)
	}
	return cut(text, f.most)
}

func (m *message) say(zh, en string) string {
	if m.to.Zh {
		return zh
	}
	return en
}

func (m *message) pick(t vocabulary.Text) string { return m.say(t.Zh, t.En) }

func (m *message) word(event vocabulary.Notice, over bool) string {
	if over {
		return m.pick(vocabulary.Form(vocabulary.KindNotice, string(event), vocabulary.Over))
	}
	return m.pick(vocabulary.Word(vocabulary.KindNotice, string(event)))
}

// what is what a notice says. A disk that is nearly full is another thing than one that is full, though both are of one event.
func (m *message) what(n api.Notice) string {
	switch {
	case n.Event != vocabulary.NoticeDisk || n.Over:
		return m.word(n.Event, n.Over)
	case n.State == vocabulary.DiskLow:
		return m.pick(vocabulary.Form(vocabulary.KindNotice, n.Event, vocabulary.Low))
	}
	return m.pick(vocabulary.Form(vocabulary.KindNotice, n.Event, vocabulary.Full))
}

// line is one notice: what, where, since when.
func (m *message) line(n api.Notice) string {
	var b strings.Builder
	b.WriteString(m.what(n))
	if facts := m.facts(n); facts != "" {
		b.WriteString(m.say("：", ": ") + facts)
	}
	if n.Over && !n.Since.IsZero() {
		b.WriteString(m.say("（", " (") + m.clock(n.Since, n.At) + m.say(" 到 ", " to ") + m.clock(n.At, n.At) + m.say("）", ")"))
	} else if n.Event != vocabulary.NoticeTest {
		b.WriteString(m.say("（", " (") + m.clock(n.At, n.At) + m.say("）", ")"))
	}
	return b.String()
}

// facts words what a notice is about.
func (m *message) facts(n api.Notice) string {
	var list []string
	add := func(text string) {
		if text = tame(text); text != "" {
			list = append(list, text)
		}
	}
	named := func(zh, en, value string) {
		if value != "" {
			add(m.say(zh, en) + " " + value)
		}
	}
	if n.Kind != "" {
		add(m.pick(vocabulary.Word(vocabulary.KindJob, n.Kind)))
	}
	named("订单", "order", n.Order)
	named("凭证号", "voucher", n.Voucher)
	if n.Order == "" && n.Voucher == "" {
		named("任务", "job", n.JobID)
	}
	named("批次", "batch", n.Batch)
	named("终端", "terminal", n.Terminal)
	if n.Copy != "" {
		base, station, _ := strings.Cut(n.Copy, "@")
		add(strings.TrimSpace(m.pick(vocabulary.Word(vocabulary.KindCopy, base)) + " " + station))
	}
	if n.Printer != "" {
		add(m.label(n.Printer))
	}
	add(m.state(n))
	if n.Reason != "" {
		add(m.pick(reason(n.Reason)))
	}
	if n.Limit > 0 && !n.Over {
		add(m.say(fmt.Sprintf("限 %s", span(n.Limit, true)), "limit "+span(n.Limit, false)))
	}
	if n.Shift != 0 {
		add(shift(n.Shift, m.to.Zh))
	}
	if n.FreeMB != nil {
		add(m.say(fmt.Sprintf("只剩 %d MB", *n.FreeMB), fmt.Sprintf("%d MB left", *n.FreeMB)))
	}
	if m.to.Amount && n.Amount != nil && n.Currency != "" {
		add(n.Currency + " " + job.FormatAmount(*n.Amount, n.Currency))
	}
	return strings.Join(list, m.say("，", ", "))
}

// state words the state that a notice tells of.
func (m *message) state(n api.Notice) string {
	switch n.Event {
	case vocabulary.NoticeReversal:
		return m.pick(vocabulary.Word(vocabulary.KindReversal, n.State))
	case vocabulary.NoticeBatch:
		return m.pick(vocabulary.Word(vocabulary.KindBatch, n.State))
	case vocabulary.NoticeOverdue, vocabulary.NoticeDoubt:
		return m.pick(vocabulary.Word(vocabulary.KindState, n.State))
	}
	return ""
}

func reason(code string) vocabulary.Text {
	if t := vocabulary.Word(vocabulary.KindReason, code); t != (vocabulary.Text{}) {
		return t
	}
	return vocabulary.Word(vocabulary.KindReason, "other")
}

func span(seconds int64, zh bool) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case zh && d%time.Minute == 0:
		return fmt.Sprintf("%d 分钟", int64(d/time.Minute))
	case zh:
		return fmt.Sprintf("%d 秒", seconds)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", int64(d/time.Minute))
	}
	return fmt.Sprintf("%d s", seconds)
}

func shift(seconds int64, zh bool) string {
	ahead := seconds > 0
	d := (time.Duration(max(seconds, -seconds)) * time.Second).String()
	switch {
	case zh && ahead:
		return "往前 " + d
	case zh:
		return "往回 " + d
	case ahead:
		return d + " ahead"
	}
	return d + " back"
}

// clock writes a time as the shop reads it, with its date where that is another one than that of the message.
func (m *message) clock(t, now time.Time) string {
	zone := time.Local
	if m.to.Zone != "" {
		if named, err := time.LoadLocation(m.to.Zone); err == nil {
			zone = named
		}
	}
	t, now = t.In(zone), now.In(zone)
	if t.Format(time.DateOnly) != now.Format(time.DateOnly) {
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04")
}

// tame keeps what came with a job from shaping the message.
func tame(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, text)
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strings.TrimSpace(text)
}

// cut shortens a text to so many bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	text = text[:most-len("…")]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}

// toldNotice is a notice with its words, in a message for programs.
type toldNotice struct {
	api.Notice
	Label string `json:"printer_label,omitempty"`
	Text  string `json:"text"`
}

// data is the message for programs.
func (m *message) data() any {
	told := make([]toldNotice, len(m.pending.Notices))
	var newest time.Time
	for i, n := range m.pending.Notices {
		text := m.line(n)
		if !m.to.Amount {
			n.Amount, n.Currency = nil, ""
		}
		told[i] = toldNotice{Notice: n, Text: text}
		if n.Printer != "" {
			told[i].Label = m.label(n.Printer)
		}
		newest = n.At
	}
	kind := "receiptd.notices"
	if len(told) == 1 && told[0].Event == vocabulary.NoticeTest {
		kind = "receiptd.test"
	}
	return map[string]any{"type": kind, "timestamp": newest.UTC().Format(time.RFC3339Nano), "data": map[string]any{
		"from": m.to.From, "count": m.pending.Total, "counts": m.pending.Counts, "notices": told, "more": m.pending.Total - len(told)}}
}
