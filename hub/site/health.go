package site

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// The levels of a shop.
const (
	levelBad  = "bad"  // somebody is needed
	levelWarn = "warn" // somebody should look
	levelOff  = "off"  // it was switched off in order
	levelOK   = "ok"
)

// A health is how a shop is, in words.
type health struct {
	Level   string
	Reasons []job.Text
}

func (h *health) say(level, zh, en string) {
	if order(level) < order(h.Level) {
		h.Level = level
	}
	h.Reasons = append(h.Reasons, job.Text{Zh: zh, En: en})
}

// levels are all of them, the worst first.
var levels = []string{levelBad, levelWarn, levelOff, levelOK}

func order(level string) int { return slices.Index(levels, level) }

// healthOf looks at all that is known of a shop.
func healthOf(x *store.Shop, now time.Time) health {
	h := health{Level: levelOK, Reasons: []job.Text{}}
	s := &x.State
	if within(x.Doubled, now, time.Hour) || s.TakenOver {
		h.say(levelBad, "两台 receiptd 用同一个店名：只留一台", "two receiptd run under this name: keep one")
	}
	switch {
	case !x.Known:
		h.say(levelWarn, "还没连过", "has never connected")
	case !s.Online && s.Why == wire.WhyStopped:
		h.say(levelOff, "店里关了 receiptd", "receiptd was stopped there")
	case !s.Online && s.Why == wire.WhyOff:
		h.say(levelOff, "店里退出了连锁", "the shop left the fleet")
	case !s.Online:
		h.say(levelBad, "连接断了", "the line is down")
	}
	if s.DiskFull {
		h.say(levelBad, "磁盘满了", "its disk is full")
	}
	if s.Online {
		for i := range s.Printers {
			h.printer(&s.Printers[i])
		}
	}
	if s.Uncertain > 0 {
		h.say(levelBad, fmt.Sprintf("%d 张不知道有没有打出来", s.Uncertain), fmt.Sprintf("%d slips of which nobody knows whether they came out", s.Uncertain))
	}
	if s.Reversals > 0 {
		h.say(levelBad, fmt.Sprintf("%d 笔冲正没有结果", s.Reversals), fmt.Sprintf("%d reversals still open", s.Reversals))
	}
	if x.Rejected > 0 {
		h.say(levelWarn, fmt.Sprintf("一天里 %d 单没有收", x.Rejected), fmt.Sprintf("%d jobs not taken within a day", x.Rejected))
	}
	if within(x.Replaced, now, 24*time.Hour) {
		h.say(levelWarn, "日志库换过：之前的小票可能会再打一次，带标记", "its journal was replaced: slips from before may come once more, marked")
	}
	if x.Missing && s.Online {
		h.say(levelWarn, "有事件没到，正在要", "events are missing and were asked for")
	}
	return h
}

func (h *health) printer(p *wire.Printer) {
	switch p.State {
	case vocabulary.PrinterHeld, vocabulary.PrinterDown:
		t := vocabulary.Word(vocabulary.KindReason, string(p.Reason))
		if t == (job.Text{}) {
			t = vocabulary.Word(vocabulary.KindPrinter, string(p.State))
		}
		h.say(levelBad, p.Name+"："+t.Zh, p.Name+": "+t.En)
	default:
		if p.NearEnd {
			h.say(levelWarn, p.Name+"：纸快完了", p.Name+": paper is nearly out")
		}
	}
}

func within(t, now time.Time, d time.Duration) bool { return !t.IsZero() && now.Sub(t) < d }

// ranked puts those first that need somebody.
func ranked(shops []store.Shop, now time.Time) []ShopLine {
	out := make([]ShopLine, len(shops))
	for i := range shops {
		h := healthOf(&shops[i], now)
		out[i] = ShopLine{Shop: shops[i], Level: h.Level, Reasons: h.Reasons}
	}
	slices.SortStableFunc(out, func(a, b ShopLine) int {
		return cmp.Or(cmp.Compare(order(a.Level), order(b.Level)), cmp.Compare(a.Name, b.Name))
	})
	return out
}
