package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newManCommand writes the manual: one page per command for man(1), or one Markdown document.
func newManCommand(a *app) *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use: "man DIR", Short: a.say("生成手册页", "Write the manual pages"), Hidden: true, Args: a.one("DIR"),
		Long: a.say("在文件夹 DIR 里给每条命令写一页 man(1)；加 --markdown 就把全部命令写进文件 DIR。", "Writes one page for man(1) per command into DIR; with --markdown, all commands into the file DIR."),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages := manual(cmd.Root())
			if markdown {
				return writeManual(args[0], func(w io.Writer) error { writeMarkdown(w, pages); return nil })
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make folder for manual pages: %w", err)
			}
			for _, p := range pages {
				path := filepath.Join(args[0], strings.ReplaceAll(p.CommandPath(), " ", "-")+".1")
				if err := writeManual(path, func(w io.Writer) error { return writeMan(w, p) }); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, a.say("写成一个 Markdown 文件", "one Markdown document"))
	return cmd
}

func writeManual(path string, write func(w io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("write manual: %w", err)
	}
	return nil
}

// manual lists the commands that people see, each before those below it.
func manual(cmd *cobra.Command) []*cobra.Command {
	cmd.InitDefaultHelpCmd()
	if cmd.Hidden || cmd.Name() == "help" {
		return nil
	}
	out := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		if cmd.Name() != "completion" {
			out = append(out, manual(c)...)
		}
	}
	return out
}

// exitTable is what the exit codes mean, by their numbers.
var exitTable = []struct {
	code    int
	meaning string
}{
	{exitDone, "done"}, {exitFailed, "failed"}, {exitBroken, "receiptd itself broke off in the middle (a fault of the program: please report it)"},
	{exitInvalid, "invalid job, template or configuration"}, {exitNotFound, "not found (voucher, job, printer)"},
	{exitNotReady, "printer not ready; the output tells why"}, {exitUncertain, "uncertain: look at the counter and answer"},
	{exitRefused, "refused (batch settled, terminal ambiguous, ...) or conflict"}, {exitUnreachable, "the daemon cannot be reached"},
	{exitNotPermitted, "not permitted"}, {exitUsage, "wrong usage"}}

// environment is what the commands read of it.
var environment = [][2]string{
	{"RECEIPTD_CONFIG", "the configuration file, as --config"},
	{"RECEIPTD_LANG", "zh or en, as --lang"},
	{"RECEIPTD_HOST_ID", "a name for this machine, where the system has none that stays (a container)"},
	{"RECEIPTD_OPERATOR", "the operator, as --operator"},
	{"RECEIPTD_SECTION_KEY", "any single value of the configuration, e.g. RECEIPTD_SPOOL_DIR"},
}

// flagText gives a flag as it is written, and its help.
func flagText(f *pflag.Flag) (string, string) {
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	kind, help := pflag.UnquoteUsage(f)
	if f.NoOptDefVal != "" && f.Value.Type() != "bool" {
		name += "[=" + kind + "]"
	} else if kind != "" {
		name += " " + kind
	}
	switch f.DefValue {
	case "", "false", "0", "[]", "0s":
	default:
		if f.Name != "lang" && f.Name != "operator" {
			help += fmt.Sprintf(" (default %s)", f.DefValue)
		}
	}
	return name, help
}

func eachFlag(set *pflag.FlagSet, do func(name, help string)) {
	set.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			do(flagText(f))
		}
	})
}

// writeMarkdown writes all commands as one document.
func writeMarkdown(w io.Writer, pages []*cobra.Command) {
	root := pages[0]
	fmt.Fprintf(w, "# Commands\n\nMade from the commands' own help (`receiptd man --markdown`); `receiptd COMMAND --help --lang zh` shows it in Chinese.\n\n")
	fmt.Fprintf(w, "Results go to standard output, diagnostics to standard error.\n\n## Every command\n\n| flag | meaning |\n|---|---|\n")
	eachFlag(root.PersistentFlags(), func(name, help string) { fmt.Fprintf(w, "| `%s` | %s |\n", name, help) })
	fmt.Fprint(w, "\n| environment | meaning |\n|---|---|\n")
	for _, e := range environment {
		fmt.Fprintf(w, "| `%s` | %s |\n", e[0], e[1])
	}
	fmt.Fprint(w, "\n| exit code | meaning |\n|---|---|\n")
	for _, e := range exitTable {
		fmt.Fprintf(w, "| %d | %s |\n", e.code, e.meaning)
	}
	for _, c := range pages[1:] {
		level := "##"
		if c.Parent() != root {
			level = "###"
		}
		fmt.Fprintf(w, "\n%s %s\n\n%s.\n", level, c.CommandPath(), c.Short)
		if c.HasAvailableSubCommands() || c.Name() == "completion" {
			continue
		}
		fmt.Fprintf(w, "\n```\n%s\n```\n", c.UseLine())
		if c.Long != "" {
			fmt.Fprintf(w, "\n%s\n", c.Long)
		}
		head := "\n| flag | meaning |\n|---|---|\n"
		eachFlag(c.LocalNonPersistentFlags(), func(name, help string) {
			fmt.Fprintf(w, "%s| `%s` | %s |\n", head, strings.ReplaceAll(name, "|", `\|`), strings.ReplaceAll(help, "|", `\|`))
			head = ""
		})
		if c.Example != "" {
			fmt.Fprintf(w, "\n```\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
		}
	}
}
