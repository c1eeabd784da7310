package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// templateCommands are `receiptd template`.
type templateCommands struct{ a *app }

func (g templateCommands) command() *cobra.Command {
	return g.a.group("template", "查看、检查、预览、改模板", "List, show, check, preview and copy templates", g.list(), g.show(),
		g.newLint(), g.newPreview(), g.create())
}

// set loads the templates with the overrides of the configuration.
func (g templateCommands) set() (*templates.Set, error) {
	c, err := g.a.loadConfig()
	if err != nil {
		return nil, err
	}
	set, err := templates.Load(templates.Options{Dir: c.Templates.Dir, Locale: c.Shop.Locale})
	if err != nil {
		return nil, codeError{exitInvalid, g.a.said(err)}
	}
	return set, nil
}

// splitTemplate parts sale.zh-CN into name and locale; sale alone is the Chinese one.
func splitTemplate(id string) (name, locale string) {
	name, locale, ok := strings.Cut(id, ".")
	if !ok {
		locale = "zh-CN"
	}
	return name, locale
}

func (g templateCommands) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: g.a.say("列出模板，以及哪些被改过", "List templates, and which are overridden"), Args: g.a.none(),
		RunE: func(*cobra.Command, []string) error {
			set, err := g.set()
			if err != nil {
				return err
			}
			list := set.List()
			broken := set.Problems()
			err = g.a.print(nonNil(list), func(w io.Writer) {
				t := newTable(g.a.say("模板", "TEMPLATE"), g.a.say("打印什么", "PRINTS"), g.a.say("文件", "FILE"))
				for _, x := range list {
					t.add(x.Name+"."+x.Locale, g.a.say(x.Zh, x.En), firstOf(x.File, g.a.say("内置", "built in")))
				}
				t.write(w, "")
			})
			for _, e := range broken {
				g.a.complain(g.a.say(e.Zh, e.En))
			}
			return err
		},
	}
}

func (g templateCommands) show() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: g.a.say("输出内置模板的源文，例如 sale.zh-CN", "Print a built-in template's source, e.g. sale.zh-CN"), Args: g.a.one("NAME"),
		Example:           "  receiptd template show sale.zh-CN",
		ValidArgsFunction: g.names,
		RunE: func(_ *cobra.Command, args []string) error {
			name, locale := splitTemplate(args[0])
			text, err := templates.Source(name, locale)
			if err != nil {
				return codeError{exitNotFound, g.none(args[0])}
			}
			return g.a.print(map[string]string{"name": name, "locale": locale, "source": text}, func(w io.Writer) { fmt.Fprint(w, text) })
		},
	}
}

func (g templateCommands) none(name string) string {
	return g.a.say("没有这个模板："+name+"。用 receiptd template list 看有哪些。", "there is no template "+name+". See receiptd template list.")
}

// linted is what the check of one template found.
type linted struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Error  bool   `json:"error"`
	Code   string `json:"code"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
}

func (g templateCommands) newLint() *cobra.Command {
	var width int
	cmd := &cobra.Command{
		Use: "lint FILE...", Short: g.a.say("检查模板，错误指出行和列", "Check templates; errors show line and column"), Args: g.a.some("FILE"),
		Long: g.a.say("用每一份样例、每一联、正本和重打印，在 32、42、48 格下各排一遍；--width 再加一种宽度。",
			"Sets the template with every sample, for each copy, as original and as reprint, at 32, 42 and 48 cells; --width adds one."),
		Example: "  receiptd template lint " + hint.Templates() + " --width 40",
		RunE: func(_ *cobra.Command, names []string) error {
			set, err := g.set()
			if err != nil {
				return err
			}
			found, bad := []linted{}, false
			meter := longWork(g).steps(len(names), g.a.say("已检查", "checked"))
			defer meter.done()
			for _, name := range names {
				meter.step()
				diags, err := g.lint(set, name, width)
				if err != nil {
					return err
				}
				for _, d := range diags {
					bad = bad || d.Severity == receiptline.Error
					found = append(found, linted{name, d.Line, d.Column, d.Severity == receiptline.Error, d.Code, d.Zh, d.En})
				}
			}
			meter.done()
			if err := g.a.print(found, func(w io.Writer) {
				for _, d := range found {
					fmt.Fprintf(w, "%s:%d:%d: %s [%s]\n", d.File, d.Line, d.Column, g.a.say(d.Zh, d.En), d.Code)
				}
				if len(found) == 0 {
					fmt.Fprintln(w, g.a.say("没有问题。", "Nothing was found."))
				}
			}); err != nil {
				return err
			}
			if bad {
				return codeError{code: exitInvalid}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&width, "width", 0, g.a.say("再用这个宽度排一遍，24-96 格", "also set it at this width, 24-96 cells"))
	return cmd
}

// lint checks one file, at one more width if asked.
func (g templateCommands) lint(set *templates.Set, name string, width int) ([]receiptline.Diagnostic, error) {
	data, err := g.a.readFileArg(name)
	if err != nil {
		return nil, err
	}
	diags := set.Lint(name, string(data))
	if width == 0 || receiptline.HasError(diags) {
		return diags, nil
	}
	if width < 24 || width > 96 {
		return nil, g.a.usage("--width 是 24 到 96", "--width is 24 to 96")
	}
	target, err := g.file(name)
	if err != nil {
		return nil, err
	}
	for _, sample := range target.samples() {
		_, err := target.render(sample, "", templates.Input{Width: width, Small: templates.UsualSmall(width)})
		var failed *templates.Error
		if errors.As(err, &failed) && len(failed.Diagnostics) > 0 {
			diags = append(diags, failed.Diagnostics...)
		} else if err != nil {
			return nil, codeError{exitInvalid, g.a.said(err)}
		}
	}
	return diags, nil
}

func (g templateCommands) create() *cobra.Command {
	return &cobra.Command{
		Use: "new NAME", Short: g.a.say("把内置模板复制到模板文件夹，供修改", "Copy a built-in template into the templates folder, to edit"), Args: g.a.one("NAME"),
		Long: g.a.say("不会覆盖已有的文件。改好后用 template lint 检查；正在运行的 receiptd 会自动换上。",
			"Never overwrites a file. Check what you changed with template lint; a running daemon takes it up by itself."),
		Example:           "  receiptd template new sale.zh-CN",
		ValidArgsFunction: g.names,
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			name, locale := splitTemplate(args[0])
			path, err := templates.New(name, locale, c.Templates.Dir)
			switch {
			case errors.Is(err, templates.ErrUnknownTemplate):
				return codeError{exitNotFound, g.none(args[0])}
			case errors.Is(err, fs.ErrExist):
				return codeError{exitFailed, g.a.say("文件已存在，没有改动：", "the file is there already and was not touched: ") + filepath.Join(c.Templates.Dir, name+"."+locale+templateExtension)}
			case err != nil:
				return err
			}
			return g.a.print(map[string]string{"file": path}, func(w io.Writer) { fmt.Fprintln(w, path) })
		},
	}
}

// names completes the names of templates.
func (g templateCommands) names(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, t := range set.List() {
		names = append(names, t.Name+"."+t.Locale)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
