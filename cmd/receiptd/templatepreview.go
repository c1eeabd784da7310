package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/templates"
)

// templateExtension ends the file name of a template.
const templateExtension = ".receipt"

// previewFlags are the flags that both previews share.
type previewFlags struct {
	out, printer, profile, copyName, locale string
	width                                   int
}

func (g drawing) flags(cmd *cobra.Command, p *previewFlags) {
	f := cmd.Flags()
	f.StringVarP(&p.out, "output", "o", "", g.a.say("x.png、x.txt 或 x.bin（不写：文字到标准输出）", "x.png, x.txt or x.bin (default: text on standard output)"))
	f.IntVar(&p.width, "width", 0, g.a.say("每行几格：32、42、48（不写：按打印机）", "cells per line: 32, 42, 48 (default: the printer's)"))
	f.StringVar(&p.printer, "printer", "", g.a.say("照配置里这台打印机的型号、宽度和字体（不写：只有一台时就是它）", "as this configured printer: profile, width, font (default: the only one there is)"))
	f.StringVar(&p.profile, "profile", "", g.a.say("打印机型号（不写：按打印机，没有就是 generic-80）", "printer profile (default: the printer's, else generic-80)"))
	completeFlag(cmd, "profile", profile.Names())
	g.a.copyFlag(cmd, &p.copyName, g.a.say("哪一联（不写：第一联）", "which copy (default: the first)"))
}

// A template of the author's wish: a set in which it is in use.
type templateTarget struct {
	set          *templates.Set
	name, locale string
	file         string // "" when it is not a file of its own
}

// file loads a template that is a file: its folder's files override the built-in ones.
func (g templateCommands) file(path string) (*templateTarget, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	name, locale := splitTemplate(strings.TrimSuffix(filepath.Base(path), templateExtension))
	set, err := templates.Load(templates.Options{Dir: filepath.Dir(path), Locale: locale})
	if err != nil {
		return nil, codeError{exitInvalid, g.a.said(err)}
	}
	return &templateTarget{set: set, name: name, locale: locale, file: path}, nil
}

// named loads a template by its name, as the daemon would use it.
func (g templateCommands) named(id string) (*templateTarget, error) {
	set, err := g.set()
	if err != nil {
		return nil, err
	}
	name, locale := splitTemplate(id)
	if !slices.ContainsFunc(set.List(), func(t templates.Info) bool { return t.Name == name && t.Locale == locale }) {
		return nil, codeError{exitNotFound, g.none(id)}
	}
	return &templateTarget{set: set, name: name, locale: locale}, nil
}

// samples names the samples that print with the template. The kitchen's is an order's.
func (t *templateTarget) samples() []string {
	base := t.name
	switch base {
	case "kitchen":
		base = "order"
	case "_slip":
		base = "sale"
	}
	var out []string
	for _, s := range templates.Samples() {
		if s == base || strings.HasPrefix(s, base+"-") && len(s) == len(base)+2 {
			out = append(out, s)
		}
	}
	return out
}

// broken gives what is wrong with the template's file, if anything.
func (t *templateTarget) broken(a *app) error {
	for _, e := range t.set.Problems() {
		if t.file == "" || filepath.Base(e.File) == filepath.Base(t.file) {
			return codeError{exitInvalid, a.say(e.Zh, e.En)}
		}
	}
	return nil
}

// render sets a sample.
func (t *templateTarget) render(sample, copyName string, in templates.Input) (*templates.Slip, error) {
	j, err := templates.Sample(sample)
	if err != nil {
		return nil, fmt.Errorf("read sample: %w", err)
	}
	name := job.CopyName(copyName)
	if name == "" {
		name = firstCopy(j)
		if t.name == "kitchen" {
			name = job.CopyKitchen
		}
	}
	if name == "" || !j.AllowsCopy(name) {
		return nil, errNoCopy
	}
	in.Job, in.Copy, in.Locale, in.Mark = j, name, t.locale, job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: time.Now()}
	return t.set.Render(in)
}

// errNoCopy says that a job has not the copy that was asked for.
var errNoCopy = errors.New("this job has no such copy")

func (g templateCommands) newPreview() *cobra.Command {
	var p previewFlags
	var watch bool
	var sample string
	cmd := &cobra.Command{
		Use: "preview NAME|FILE", Short: g.a.say("用样例看模板打出来的样子", "Show a template with sample data, as it would come out"), Args: g.a.one("NAME|FILE"),
		Long: g.a.say("--watch 在文件每次保存后重画，配合 -o x.png 和会自动刷新的看图程序使用；Ctrl-C 结束。",
			"--watch draws anew each time the file is saved; use it with -o x.png and a viewer that reloads. Ctrl-C ends it."),
		Example:           "  receiptd template preview sale.zh-CN -o sale.png\n  receiptd template preview ./sale.zh-CN.receipt --watch -o sale.png",
		ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			load := g.named
			if strings.HasSuffix(args[0], templateExtension) {
				load = g.file
			}
			target, err := load(args[0])
			if err != nil {
				return err
			}
			all := target.samples()
			if sample == "" && len(all) > 0 {
				sample = all[0]
			}
			if !slices.Contains(all, sample) {
				return codeError{exitNotFound, g.a.say("没有这份样例；有：", "there is no such sample; there are: ") + strings.Join(all, " ")}
			}
			if err := g.preview(target, sample, &p); err != nil && !watch {
				return err
			} else if err != nil {
				g.a.exitCode(err)
			}
			if !watch {
				return nil
			}
			return g.watch(cmd.Context(), target, sample, &p)
		},
	}
	drawing(g).flags(cmd, &p)
	cmd.Flags().BoolVar(&watch, "watch", false, g.a.say("文件变了就重画", "draw anew when the file changes"))
	cmd.Flags().StringVar(&sample, "sample", "", g.a.say("哪份样例，例如 sale-2（不写：第一份）", "which sample, e.g. sale-2 (default: the first)"))
	return cmd
}

// preview draws a template once.
func (g templateCommands) preview(t *templateTarget, sample string, p *previewFlags) error {
	if err := t.broken(g.a); err != nil {
		return err
	}
	to, err := drawing(g).drawer(p)
	if err != nil {
		return err
	}
	shop, err := drawing(g).shop()
	if err != nil {
		return err
	}
	slip, err := t.render(sample, p.copyName, templates.Input{Width: to.profile.Columns, Small: to.profile.SmallColumns(), TextOnly: to.profile.TextOnly(), Measure: to.profile.Measure, Shop: shop})
	if errors.Is(err, errNoCopy) {
		return codeError{exitInvalid, g.a.say("样例里没有这一联：", "the sample has no such copy: ") + p.copyName}
	}
	if err != nil {
		return codeError{exitInvalid, g.a.said(err)}
	}
	drawn, err := drawing(g).draw(slip, to, cmp.Or(filepath.Ext(p.out), ".txt"))
	if err != nil {
		return err
	}
	return drawing(g).write(drawn, p.out)
}

// watch draws anew at each change until ctx ends. What is broken is told, and the last picture stays.
func (g templateCommands) watch(ctx context.Context, t *templateTarget, sample string, p *previewFlags) error {
	g.a.progress(g.a.say("等文件变化，Ctrl-C 结束", "waiting for changes, Ctrl-C ends it"))
	return t.set.Watch(ctx, func(e templates.Event) {
		if t.file != "" && filepath.Base(e.File) != filepath.Base(t.file) {
			return
		}
		if e.State == templates.Broken {
			g.a.complain(g.a.say(e.Zh, e.En))
			return
		}
		if err := g.preview(t, sample, p); err != nil {
			g.a.exitCode(err)
			return
		}
		g.a.progress(time.Now().Format("15:04:05") + " " + g.a.say("已重画", "drawn anew"))
	})
}

// write writes a preview to its file, or to standard output.
func (g drawing) write(drawn []byte, out string) error {
	if out == "" {
		if _, err := g.a.stdout.Write(drawn); err != nil {
			return fmt.Errorf("write preview: %w", err)
		}
		return nil
	}
	if err := os.WriteFile(out, drawn, 0o644); err != nil {
		return fmt.Errorf("write preview: %w", err)
	}
	if g.a.json {
		return g.a.printJSON(map[string]any{"file": out, "bytes": len(drawn)})
	}
	return nil
}

// firstCopy is the copy that a job prints first, "" when it prints none.
func firstCopy(j *job.Job) job.CopyName {
	if names := append(slices.Clone(j.Copies), j.DefaultCopies()...); len(names) > 0 {
		return names[0]
	}
	return ""
}
