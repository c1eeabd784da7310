package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

func (g jobCommands) preview() *cobra.Command {
	var p previewFlags
	cmd := &cobra.Command{
		Use:   "preview FILE...",
		Short: g.a.say("不用打印机，看小票打出来的样子；- 是标准输入", "Show a slip as it would come out, without a printer; - is standard input"),
		Long: g.a.say("和纸上用同一套排版。格式看文件名：x.png 是图，x.txt 是文字，x.bin 是 ESC/POS 字节。不写 -o 就显示文字。\n有多个文件时每个都显示文字。",
			"Draws the slip from the same layout as paper. The format follows the output's name: x.png a picture, x.txt text,\n"+
				"x.bin the ESC/POS bytes. Without -o the text is shown; with several files, the text of each."),
		Example: "  receiptd job preview examples/jobs/01-sale-chip.json -o slip.png\n  receiptd job preview sale.json --copy cardholder --width 32",
		Args:    g.a.some("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if p.out != "" && len(args) > 1 {
				return g.a.usage("-o 只能配一个文件", "-o goes with one file")
			}
			parser, err := g.parser()
			if err != nil {
				return err
			}
			for _, name := range args {
				data, err := g.a.readFileArg(name)
				if err != nil {
					return err
				}
				parsed := parser.Parse(data)
				if parsed.Job == nil {
					return problemsError{exitInvalid, parsed.Errors}
				}
				if len(args) > 1 {
					fmt.Fprintln(g.a.stdout, "--- "+name)
				}
				drawn, err := g.draw(parsed.Job, &p)
				if err != nil {
					return err
				}
				if err := drawing(g).write(drawn, p.out); err != nil {
					return err
				}
			}
			return nil
		},
	}
	drawing(g).flags(cmd, &p)
	cmd.Flags().StringVar(&p.locale, "locale", "", g.a.say("zh-CN 或 en（不写：任务的，再按配置）", "zh-CN or en (default: the job's, else the configuration's)"))
	return cmd
}

// A drawer is the printer that a preview shows slips of.
type drawer struct {
	profile *profile.Profile
	fonts   raster.Fonts
}

// drawing draws slips without a printer, for the previews of jobs and templates.
type drawing struct{ a *app }

// drawer finds the printer that the flags or the configuration mean: the one that is named, else the only one there is. A
// flag wins over its settings.
func (g drawing) drawer(p *previewFlags) (drawer, error) {
	var d drawer
	c, err := g.a.loadConfig()
	if err != nil {
		return d, err
	}
	var set config.Printer
	switch i := slices.IndexFunc(c.Printers, func(x config.Printer) bool { return x.Name == p.printer }); {
	case i >= 0:
		set = c.Printers[i]
	case p.printer != "":
		return d, codeError{exitNotFound, g.a.say("配置里没有打印机 "+p.printer+"。", "the configuration has no printer "+p.printer+".")}
	case p.profile == "" && len(c.Printers) == 1:
		set = c.Printers[0]
	}
	name, width := cmp.Or(p.profile, set.Profile, "generic-80"), p.width
	if width == 0 && name == set.Profile {
		width = set.Width
	}
	prof, err := profile.Load(name)
	if err != nil {
		zh, en := plain.Meant(name, profile.Names())
		return d, codeError{exitNotFound, g.a.say("没有这个型号："+name+zh+"。用 receiptd printer list --profiles 看有哪些。", "there is no profile "+name+en+". See receiptd printer list --profiles.")}
	}
	if d.profile, err = prof.WithColumns(width); err != nil {
		var wide *profile.WidthError
		if !errors.As(err, &wide) {
			return d, err
		}
		return d, g.a.usage(wide.Zh(), wide.Error())
	}
	if set.Font != "" {
		if d.fonts.Outline, err = raster.LoadOutline(set.Font); err != nil {
			return d, codeError{exitInvalid, g.a.said(err)}
		}
	}
	return d, nil
}

// shop gives what the configuration says about slips.
func (g drawing) shop() (templates.Shop, error) {
	c, err := g.a.loadConfig()
	if err != nil {
		return templates.Shop{}, err
	}
	shop, err := daemon.Shop(c)
	if err != nil {
		zh, en := templates.LogoProblem(c.Slip.Logo, err)
		return templates.Shop{}, codeError{exitInvalid, g.a.say("slip.logo："+zh, "slip.logo: "+en)}
	}
	return shop, nil
}

// draw draws one copy in the format of the output's name.
func (g jobCommands) draw(j *job.Job, p *previewFlags) ([]byte, error) {
	to, err := drawing(g).drawer(p)
	if err != nil {
		return nil, err
	}
	shop, err := drawing(g).shop()
	if err != nil {
		return nil, err
	}
	set, err := templateCommands(g).set()
	if err != nil {
		return nil, err
	}
	name := job.CopyName(p.copyName)
	if name == "" {
		if name = firstCopy(j); name == "" {
			return nil, codeError{exitInvalid, g.a.say("这个任务不打印小票。", "this job prints no slip.")}
		}
	}
	if !j.AllowsCopy(name) {
		return nil, codeError{exitInvalid, g.a.say("这个任务没有这一联：", "this job has no such copy: ") + string(name)}
	}
	slip, err := set.Render(templates.Input{Job: j, Copy: name, Width: to.profile.Columns, Small: to.profile.SmallColumns(), TextOnly: to.profile.TextOnly(), Measure: to.profile.Measure, Locale: p.locale, Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: time.Now()}, Shop: shop})
	if err != nil {
		return nil, codeError{exitInvalid, g.a.said(err)}
	}
	return drawing(g).draw(slip, to, cmp.Or(filepath.Ext(p.out), ".txt"))
}

// draw makes a slip a picture, text or bytes, by a file extension.
func (g drawing) draw(slip *templates.Slip, to drawer, ext string) ([]byte, error) {
	for _, w := range slip.Warnings {
		g.a.complain(g.a.say(w.Zh, w.En))
	}
	encoded, warnings := escpos.Encode(slip.Layout, to.profile, escpos.Options{Fonts: to.fonts})
	for _, w := range warnings { // characters that this printer cannot print as they are
		g.a.complain(g.a.say(w.Zh, w.En))
	}
	switch ext {
	case ".txt":
		return []byte(slip.Layout.Text()), nil
	case ".bin":
		return append(encoded.Content, encoded.Cut...), nil
	case ".png":
		var buf bytes.Buffer
		if err := raster.PNG(&buf, slip.Layout, to.profile, to.fonts); err != nil {
			return nil, fmt.Errorf("draw preview: %w", err)
		}
		return buf.Bytes(), nil
	}
	return nil, g.a.usage("输出文件名要以 .png、.txt 或 .bin 结尾，不能是 "+ext, "the output's name ends in .png, .txt or .bin, not "+ext)
}
