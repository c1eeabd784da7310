package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/examples"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/hint"
)

// configFiles are the commands of `receiptd config` about the files themselves.
type configFiles struct{ a *app }

// A remark is one thing that config check found.
type remark struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Key    string `json:"key,omitempty"`
	Level  string `json:"level"` // error, warning
	Zh     string `json:"zh"`
	En     string `json:"en"`
}

func (g configFiles) check() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: g.a.say("检查配置，错误指出行", "Check the configuration; errors show the line"), Args: g.a.none(),
		Long: g.a.say("每个错误一行：文件:行:列: 说明，写到标准错误，下面是那一行。没有错误退出码是 0，有错误是 3，没有文件也是 3；没有打印机只是提醒。\n设置页写的文件一起检查。--json 把结果写到标准输出。",
			"Each mistake is a line FILE:LINE:COLUMN: MESSAGE on standard error, with the line itself below. The exit code is 0 without mistakes\nand 3 with some, or without the file; no printer at all is a warning. What the set-up page wrote is checked too. --json writes the\nresult to standard output."),
		Example: "  receiptd config check --config ./receiptd.toml\n  receiptd config check --json | jq .problems",
		RunE: func(*cobra.Command, []string) error {
			c, err := g.a.readConfig(daemon.Check, daemon.CheckNetwork)
			var wrong *config.Error
			if err != nil && !errors.As(err, &wrong) {
				return err
			}
			list := []remark{}
			if wrong != nil {
				for _, p := range wrong.Problems {
					file := wrong.Path
					if p.File != "" {
						file = p.File
					}
					list = append(list, remark{file, p.Line, p.Column, p.Key, "error", p.Zh, p.En})
				}
				return g.faulty(wrong, list)
			}
			return g.faultless(c, list)
		},
	}
}

// faulty tells of a configuration that is not taken.
func (g configFiles) faulty(wrong *config.Error, list []remark) error {
	if g.a.json {
		if err := g.a.printJSON(map[string]any{"valid": false, "path": wrong.Path, "problems": list}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(g.a.stderr, wrong.Text(string(g.a.lang)))
	}
	return codeError{code: exitInvalid}
}

// faultless tells of a configuration that is taken, with what is odd about it.
func (g configFiles) faultless(c *config.Config, list []remark) error {
	if len(c.Printers) == 0 {
		list = append(list, remark{File: c.Path, Level: "warning", Zh: "没有配置打印机：receiptd 能启动，收到的小票都在等；在页面上设置（receiptd page，打开 /setup）",
			En: "no printer is configured: receiptd starts, and what it takes waits; set one up on the page (receiptd page, then /setup)"})
	}
	if c.SetUp.Hidden != nil {
		zh, en := hint.NeedAdmin("receiptd config check")
		list = append(list, remark{File: c.SetUp.Path, Level: "warning", Zh: "没有权限读，没有检查；" + zh, En: "may not be read and was not checked; " + en})
	}
	for _, p := range c.Remarks {
		list = append(list, remark{Level: "warning", Zh: p.Zh, En: p.En})
	}
	if !g.a.json && !g.a.quiet {
		for _, r := range list {
			place := ""
			if r.File != "" {
				place = r.File + ": "
			}
			fmt.Fprintln(g.a.stderr, place+g.a.say("提醒：", "warning: ")+g.a.say(r.Zh, r.En))
		}
	}
	return g.a.print(map[string]any{"valid": true, "path": c.Path, "setup": setupOf(c), "printers": len(c.Printers), "problems": list}, func(w io.Writer) {
		fmt.Fprintf(w, g.a.say("配置没有错误，%d 台打印机。\n", "The configuration is good: %d printer(s).\n"), len(c.Printers))
	})
}

func (g configFiles) example() *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: g.a.say("打印带说明的示例配置", "Print the commented example of a configuration"), Args: g.a.none(),
		Long:    g.a.say("每一项都有说明、缺省值和范围。", "Every key with its explanation, its default and its range."),
		Example: "  receiptd config example | less",
		RunE: func(*cobra.Command, []string) error {
			if g.a.json {
				return g.a.printJSON(map[string]string{"toml": examples.Config})
			}
			_, err := io.WriteString(g.a.stdout, examples.Config)
			if err != nil {
				return fmt.Errorf("write the example: %w", err)
			}
			return nil
		},
	}
}

func (g configFiles) init() *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: g.a.say("写一个带说明的新配置文件", "Write a new, commented configuration file"), Args: g.a.none(),
		Long: g.a.say("写到 --config 指的地方，每一项都注释着；已经有文件就不动它。打印机也可以以后在页面上设置（/setup）。",
			"Writes it where --config says, every key commented out; a file that is there stays as it is. Printers can also be set up on the page\nlater (/setup)."),
		Example: "  " + hint.Admin("receiptd config init") + "\n  receiptd config init --config ./receiptd.toml",
		RunE: func(*cobra.Command, []string) error {
			path := g.a.configPath
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // /etc/receiptd: every user's commands read the configuration
				return fmt.Errorf("make the configuration's folder: %w", err)
			}
			err := writeNew(path, examples.NewConfig())
			if errors.Is(err, fs.ErrExist) {
				return codeError{exitRefused, g.a.say("已经有这个文件，没有动它："+path+"\n看示例：receiptd config example", path+" is there already and stays as it is.\nSee the example: receiptd config example")}
			}
			if err != nil {
				return fmt.Errorf("write the configuration: %w", err)
			}
			return g.a.print(map[string]string{"path": path}, func(w io.Writer) {
				fmt.Fprintf(w, g.a.say("已写入 %s。下一步：receiptd printer scan，或启动后在页面上设置：receiptd page，打开 /setup。\n",
					"Wrote %s. Next: receiptd printer scan, or start it and set it up on the page: receiptd page, then /setup.\n"), path)
			})
		},
	}
}

// writeNew writes a file that is not there yet, readable for all.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // see init
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
