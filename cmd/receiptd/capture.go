package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/capture"
	"github.com/receiptd/receiptd/capture/rules"
	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/vocabulary"
)

// captureCommands are `receiptd capture`.
type captureCommands struct{ a *app }

func (g captureCommands) command() *cobra.Command {
	return g.a.group("capture", "看软件打的小票认出了什么", "See what is read off the slips of software that only prints", g.learn(), g.rules())
}

type learnFlags struct{ capture, rules, profile string }

func (g captureCommands) learn() *cobra.Command {
	var f learnFlags
	cmd := &cobra.Command{
		Use: "learn FILE", Short: g.a.say("把打印数据读成文字，列出每条规则认出了什么", "Show a capture's text and what each rule finds on it"),
		Long: g.a.say("FILE 是软件发给打印机的原始数据（- 是标准输入）。每一行有行号；每条规则写明是否适用、认出了什么、缺什么，哪条用上。\n"+
			"卡号已遮掉。什么也不打印、不保存。",
			"FILE is what the software sent to its printer, byte for byte (- is standard input). Lines are numbered; of each rule it\n"+
				"says whether it fits, what it finds, what it lacks, and which one wins. Card numbers are hidden. Nothing is printed or kept."),
		Example: "  receiptd capture learn slip.bin\n  receiptd capture learn slip.bin --rules till.toml\n  receiptd capture learn slip.bin --capture till",
		Args:    g.a.one("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			set, prof, err := g.reading(&f)
			if err != nil {
				return err
			}
			b, err := g.a.readFileArg(args[0])
			if err != nil {
				return err
			}
			list := learned(b, set, prof, time.Now())
			if len(list) == 0 {
				return codeError{exitInvalid, g.a.say("里面没有可见的内容；FILE 要是发给打印机的原始数据", "there is nothing to see in it; FILE is what was sent to the printer, byte for byte")}
			}
			return g.a.print(map[string]any{"rules": set.Name, "slips": list}, func(w io.Writer) {
				for i := range list {
					g.write(w, i+1, len(list), &list[i])
				}
			})
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.capture, "capture", "", g.a.say("用配置里这一段 [[capture]] 的规则和打印机", "use the rules and the printer of this [[capture]] of the configuration"))
	fl.StringVar(&f.rules, "rules", "", g.a.say("规则文件，或自带规则的名称（不写：银联的那份）", "a file of rules, or the name of shipped ones (default: unionpay)"))
	fl.StringVar(&f.profile, "profile", "", g.a.say("打印机的型号（不写：generic-80）", "the printer's profile (default: generic-80)"))
	return cmd
}

// rules writes shipped rules, which are the way to rules of one's own.
func (g captureCommands) rules() *cobra.Command {
	return &cobra.Command{
		Use: "rules NAME", Short: g.a.say("写出自带的规则，改成自己的", "Write shipped rules, to change them into your own"),
		Example: "  receiptd capture rules unionpay > till.toml",
		Args:    g.a.one("NAME"), ValidArgs: rules.Shipped(),
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := rules.Source(args[0])
			if err != nil {
				list := strings.Join(rules.Shipped(), ", ")
				return codeError{exitInvalid, g.a.say("自带的规则有：“"+strings.Join(rules.Shipped(), "”、“")+"”", "shipped rules are: "+list)}
			}
			return g.a.print(map[string]string{"name": args[0], "rules": string(b)}, func(w io.Writer) { fmt.Fprint(w, string(b)) })
		},
	}
}

// reading gives the rules and the printer that a capture is to be read with.
func (g captureCommands) reading(f *learnFlags) (*rules.Set, *profile.Profile, error) {
	var of config.Capture
	var on config.Printer
	if f.capture != "" {
		c, err := g.a.loadConfig()
		if err != nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(c.Captures, func(x config.Capture) bool { return x.Name == f.capture })
		if i < 0 {
			return nil, nil, codeError{exitInvalid, g.a.say("配置里没有名为 "+f.capture+" 的 [[capture]]", "the configuration has no [[capture]] called "+f.capture)}
		}
		of = c.Captures[i]
		if i = slices.IndexFunc(c.Printers, func(x config.Printer) bool { return x.Name == of.Printer }); i >= 0 {
			on = c.Printers[i]
		}
	}
	p, err := profile.Load(cmp.Or(f.profile, on.Profile, "generic-80"))
	if err != nil {
		return nil, nil, codeError{exitInvalid, g.a.said(err)}
	}
	set, err := rules.Load(cmp.Or(f.rules, of.Rules, "unionpay"))
	if err != nil {
		return nil, nil, codeError{exitInvalid, g.a.said(err)}
	}
	return set, p, nil
}

// A learnedSlip is one slip of a capture and what rules say of it.
type learnedSlip struct {
	Lines    []string      `json:"lines"`
	CardData bool          `json:"card_data,omitempty"` // it held some, which is hidden
	Half     bool          `json:"half,omitempty"`
	Dropped  []string      `json:"dropped,omitempty"`
	TooLong  bool          `json:"too_long,omitempty"`
	Rules    []rules.Tried `json:"rules"`
	Facts    *job.Lifted   `json:"facts"`
	Problems []job.Problem `json:"problems,omitempty"`
}

// learned reads a capture. What it gives has gone through the card guard, rules see nothing else.
func learned(b []byte, set *rules.Set, p *profile.Profile, now time.Time) []learnedSlip {
	var out []learnedSlip
	for _, s := range stream.Read(b, stream.Options{Profile: p}) {
		if !s.Seen {
			continue
		}
		var found rules.Result
		r := capture.Job(job.Parser{}, "learn", "cap-learn", "", now, s, func(lines []string) *job.Lifted {
			found = set.Find(lines, now)
			return found.Facts
		})
		one := learnedSlip{Half: s.Half, Dropped: s.Dropped, Rules: nonNil(found.Tried), TooLong: found.TooMuch, Facts: found.Facts, Lines: []string{}}
		if r.Job == nil {
			one.Problems = r.Errors
		} else {
			one.Lines, one.CardData = r.Job.Lines(), !r.Job.Captured()
		}
		out = append(out, one)
	}
	return out
}

func (g captureCommands) write(w io.Writer, no, of int, s *learnedSlip) {
	if no > 1 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, g.a.say("第 %d 张，共 %d 张\n", "slip %d of %d\n"), no, of)
	for i, l := range s.Lines {
		fmt.Fprintf(w, "%4d  %s\n", i+1, l)
	}
	for _, p := range s.Problems {
		fmt.Fprintln(w, g.a.say("不能保存：", "cannot be kept: ")+g.a.say(p.Message.Zh, p.Message.En))
	}
	for _, x := range []struct {
		is     bool
		zh, en string
	}{
		{s.CardData, "里面有卡号，已遮掉：会按文字打印，不照原样", "it holds card data, hidden here: it would be printed from its text"},
		{s.Half, "没有发完", "it breaks off"},
		{len(s.Dropped) > 0, "不转给打印机的指令：" + strings.Join(s.Dropped, "、"), "not passed on to the printer: " + strings.Join(s.Dropped, ", ")},
		{s.TooLong, "太长，规则没有看完：按单据保存", "it is too long for these rules: it would be a document"},
	} {
		if x.is {
			fmt.Fprintln(w, g.a.say(x.zh, x.en))
		}
	}
	for i := range s.Rules {
		g.writeTried(w, &s.Rules[i])
	}
	fmt.Fprintln(w, "=> "+g.keptAs(s.Facts))
}

// writeTried says what became of one rule.
func (g captureCommands) writeTried(w io.Writer, t *rules.Tried) {
	state := g.a.say("不适用", "does not fit")
	switch {
	case t.Won:
		state = g.a.say("用这一条", "wins")
	case t.Fits && len(t.Lacks) > 0:
		state = g.a.say("适用，但缺 ", "fits, but lacks ") + strings.Join(t.Lacks, ", ")
	case t.Fits:
		state = g.a.say("也适用，但前面已有一条", "fits too, but one before it wins")
	}
	fmt.Fprintf(w, g.a.say("规则 %s：%s\n", "rule %s: %s\n"), t.Rule, state)
	for _, m := range t.Missing {
		fmt.Fprintf(w, g.a.say("        没有一行符合 when %s\n", "        no line fits when %s\n"), m)
	}
	if t.Line > 0 {
		fmt.Fprintf(w, g.a.say("        第 %d 行符合 unless\n", "        line %d fits unless\n"), t.Line)
	}
	if !t.Fits {
		return
	}
	for _, f := range t.Found {
		why := ""
		switch f.Problem {
		case rules.BadForm:
			why = g.a.say("  不是这种内容，不用", "  cannot be that, not used")
		case rules.Contradicts:
			why = g.a.say("  有几个不同的，不用", "  stands there with different values, not used")
		}
		value := f.Value
		if slices.Contains([]string{"amount", "total"}, f.Fact) && why == "" {
			value += g.a.say("（最小单位）", " (minor units)")
		}
		fmt.Fprintf(w, g.a.say("%10s  %s  第 %d 行%s\n", "%10s  %s  line %d%s\n"), f.Fact, value, f.Line, why)
	}
}

// keptAs says what a slip would be kept as.
func (g captureCommands) keptAs(l *job.Lifted) string {
	if l == nil || l.Kind == job.KindDocument {
		return g.a.say("按单据保存：补打最后一张、按文字查找可以；按凭证号不行", "kept as a document: it is the last one to reprint and found by its text, not by a voucher")
	}
	word := func(kind vocabulary.Kind, code string) string { return g.a.say(vocabulary.Zh(kind, code), code) }
	if l.Kind == job.KindSettlement {
		what := g.a.say("结算单", "settlement slip")
		if l.Type != string(vocabulary.ScopeSettlement) || l.Duplicate {
			what = g.a.say("结算单，不关批次", "settlement slip that closes nothing")
		}
		return fmt.Sprintf(g.a.say("%s：终端 %s，批次 %s", "%s: terminal %s, batch %s"), what, l.Terminal, l.Batch)
	}
	text := word(vocabulary.KindType, l.Type)
	if l.Copy != "" {
		text += g.a.say("，", ", ") + word(vocabulary.KindCopy, string(l.Copy))
	}
	text += fmt.Sprintf(g.a.say("：终端 %s，批次 %s，凭证 %s", ": terminal %s, batch %s, voucher %s"), l.Terminal, l.Batch, l.Voucher)
	if l.Amount != nil {
		text += ", " + job.FormatAmount(*l.Amount, l.Currency) + " " + l.Currency
	}
	if l.Duplicate {
		text += g.a.say("，软件自己补打的", ", a reprint that the software made itself")
	}
	return text
}
