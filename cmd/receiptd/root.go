package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
)

// app holds what the process was given and the global flags. Each group of commands is a value of its own around it, such as
// jobCommands; what one group needs of another it gets by converting itself, as in secrets(g).
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	hangups        func() <-chan os.Signal

	configPath string
	json       bool
	lang       language // known before the command line is read
	quiet      bool
	asked      *cobra.Command // that the command line named; nil before it was read
	zone       *time.Location // the shop's clock, which times are shown by: the machine's until a configuration names another
}

func newRootCommand(a *app) *cobra.Command {
	a.zone = time.Local
	root := &cobra.Command{
		Use:   "receiptd",
		Short: a.say("有凭有据地打印签购单，结算前可以补打", "Prints payment slips with proof, and reprints them until settlement"),
		Long: a.say("receiptd 看着一个文件夹，收到交易就经串口、USB 或网络 ESC/POS 打印小票并拿到出纸的证明；结算前，最后一单和任何一个凭证号\n"+
			"都可以补打。\n\n没有打印机也能试：receiptd run --demo",
			"receiptd watches a drop folder for completed transactions, prints their slips over serial, USB or network\n"+
				"ESC/POS with proof, and reprints the last slip or any voucher until settlement closes the batch.\n\n"+
				"Try it without a printer:  receiptd run --demo"),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          a.subcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	if a.lang == "zh" {
		cobra.AddTemplateFunc("zhFlags", zhFlags)
		cobra.AddTemplateFunc("zhUseLine", useLine)
		root.SetUsageTemplate(zhUsage)
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", a.env("RECEIPTD_CONFIG", config.DefaultPath), a.say("配置文件（RECEIPTD_CONFIG）", "configuration file (RECEIPTD_CONFIG)"))
	flags.BoolVar(&a.json, "json", false, a.say("结果写成 JSON", "print results as JSON"))
	flags.StringVar((*string)(&a.lang), "lang", string(a.lang), a.say("语言：zh 或 en（RECEIPTD_LANG）", "language of messages, zh or en (RECEIPTD_LANG)"))
	flags.BoolVarP(&a.quiet, "quiet", "q", false, a.say("只显示错误", "print nothing but errors"))
	completeFlag(root, "lang", []string{"zh", "en"})
	root.SetFlagErrorFunc(a.flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if env := a.env("RECEIPTD_LANG", "zh"); env != "zh" && env != "en" && !cmd.Flags().Changed("lang") {
			return a.usage(fmt.Sprintf("环境变量 RECEIPTD_LANG 只有 zh 和 en，不能是 %q", env), fmt.Sprintf("the environment variable RECEIPTD_LANG is zh or en, not %q", env))
		}
		if a.lang != "zh" && a.lang != "en" {
			asked := a.lang
			a.lang = a.chooseLang(nil)
			return a.usage(fmt.Sprintf("--lang 只有 zh 和 en，不能是 %q", asked), fmt.Sprintf("--lang is zh or en, not %q", asked))
		}
		return nil
	}
	root.AddCommand(newRunCommand(a), jobCommands{a}.command(), reprintCommand{a}.command(), reversalCommands{a}.command(), drawerCommands{a}.command(), notifyCommands{a}.command(), fleetCommands{a}.command(), hubCommands{a}.command(), batchCommands{a}.command(), archiveCommands{a}.command(), reportCommands{a}.command(), dataCommands{a}.command(), printerCommands{a}.command(), captureCommands{a}.command(),
		templateCommands{a}.command(), newVirtualCommand(a), drillCommand{a}.command(), journalCommands{a}.command(), pageCommand{a}.command(), deviceCommands{a}.device(), deviceCommands{a}.token(), secrets{a}.supervisor(), configFiles{a}.command(), serviceCommands{a}.command(), doctorCommand{a}.command(),
		newVersionCommand(a), newManCommand(a))
	root.InitDefaultCompletionCmd("completion")
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's own shows its help for any word
			c.Args, c.RunE = a.subcommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			if a.lang == "zh" {
				completionInChinese(c)
			}
		}
	}
	root.SetHelpCommand(a.helpCommand())
	if a.lang == "zh" {
		root.InitDefaultHelpCmd()
		helpInChinese(root)
	}
	return root
}

// helpInChinese words what cobra adds by itself.
func helpInChinese(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.Flags().Lookup("help").Usage = "看说明"
	for _, c := range cmd.Commands() {
		helpInChinese(c)
	}
}

// helpCommand is `receiptd help`.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: a.say("看一个命令的说明", "Help about a command"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			of, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(of), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of := cmd.Root()
			for _, name := range args {
				next := slices.IndexFunc(of.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
				if next < 0 {
					return a.subcommand(of, []string{name})
				}
				of = of.Commands()[next]
			}
			return of.Help()
		},
	}
}

// completionInChinese words cobra's completion commands.
func completionInChinese(completion *cobra.Command) {
	completion.Short = "生成命令行补全脚本（bash、zsh、fish、powershell）"
	completion.Long = "为你的命令行生成补全脚本，按 Tab 就能补全命令和参数。怎么装见各子命令的说明。"
	install := map[string]string{
		"bash":       "当前窗口：\n\n  source <(receiptd completion bash)\n\n以后每次（要装 bash-completion）：\n\n  receiptd completion bash > ~/.local/share/bash-completion/completions/receiptd",
		"zsh":        "当前窗口：\n\n  source <(receiptd completion zsh)\n\n以后每次：\n\n  receiptd completion zsh > \"${fpath[1]}/_receiptd\"",
		"fish":       "当前窗口：\n\n  receiptd completion fish | source\n\n以后每次：\n\n  receiptd completion fish > ~/.config/fish/completions/receiptd.fish",
		"powershell": "当前窗口：\n\n  receiptd completion powershell | Out-String | Invoke-Expression\n\n以后每次：把上面一行写进 PowerShell 的配置文件。",
	}
	for _, c := range completion.Commands() {
		c.Short = "生成 " + c.Name() + " 的补全脚本"
		c.Long = c.Short + "。\n\n" + install[c.Name()]
		if f := c.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = "补全时不带说明"
		}
	}
}

func (a *app) env(name, fallback string) string {
	for _, pair := range a.environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok && value != "" {
			return value
		}
	}
	return fallback
}

// operatorFlag adds --operator, which RECEIPTD_OPERATOR fills.
func (a *app) operatorFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "operator", a.env("RECEIPTD_OPERATOR", ""), a.say("谁要求的；会印在小票上并记入日志（RECEIPTD_OPERATOR）", "who asks: printed on the slip and kept in the journal (RECEIPTD_OPERATOR)"))
}

// print writes a result, as JSON when asked for, else as text.
func (a *app) print(v any, text func(w io.Writer)) error {
	if a.json {
		return a.printJSON(v)
	}
	if !a.quiet {
		text(a.stdout)
	}
	return nil
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// loadConfig reads the configuration that --config names. A missing file at the default place is an empty one.
func (a *app) loadConfig() (*config.Config, error) { return a.readConfig() }

// loadChecked is loadConfig for who is to run with it: devices, profiles and fonts are looked at too.
func (a *app) loadChecked() (*config.Config, error) { return a.readConfig(daemon.Check) }

// loader finds the configuration's parts.
func (a *app) loader(checks ...config.Check) config.Loader {
	return config.Loader{Path: a.configPath, Optional: a.configPath == config.DefaultPath, Environ: a.environ, Checks: checks}
}

func (a *app) readConfig(checks ...config.Check) (*config.Config, error) {
	c, err := a.loader(checks...).Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(codeError{exitInvalid, a.say("没有这个配置文件：", "there is no such configuration file: ") + a.configPath + a.say("；新建一个：", "; make one: ") + "receiptd config init --config " + a.configPath}, fs.ErrNotExist)
	}
	if err == nil {
		if zone := c.Shop.Zone(); zone != nil {
			a.zone = zone
		}
	}
	return c, err
}

// client connects to the daemon of the configuration.
func (a *app) client() (*client.Client, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	return client.New(c.HTTP.Listen, c.Data.Dir)
}

// readFileArg reads a file, or standard input for "-".
func (a *app) readFileArg(name string) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(a.stdin)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return data, nil
}

// nonNil makes an empty list show as [] in JSON.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
