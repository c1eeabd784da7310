package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/plain"
)

// chooseLang finds the language before the command line is understood, so that help and complaints are in it too: --lang,
// then RECEIPTD_LANG, then the system's language.
func (a *app) chooseLang(args []string) language {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		value, ok := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if ok && (value == "zh" || value == "en") {
			return language(value)
		}
	}
	if lang := a.env("RECEIPTD_LANG", ""); lang == "zh" || lang == "en" {
		return language(lang)
	}
	if strings.HasPrefix(a.env("LC_ALL", a.env("LC_MESSAGES", a.env("LANG", ""))), "zh") {
		return "zh"
	}
	return "en"
}

// A language is zh or en; it gives what the program says in the words of one of them.
type language string

// say picks the sentence in the user's language.
func (l language) say(zh, en string) string {
	if l == "zh" {
		return zh
	}
	return en
}

func (a *app) say(zh, en string) string { return a.lang.say(zh, en) }

// usage is a complaint about the command line.
func (a *app) usage(zh, en string) error { return usageError{errors.New(a.say(zh, en))} }

// want takes between least and most arguments; name is what they are called.
func (a *app) want(name string, least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least {
			return a.usage("要写明 "+name+"："+useLine(cmd), name+" is missing: "+cmd.UseLine())
		}
		if most >= 0 && len(args) > most {
			zh, en := joined(cmd, args[most])
			return a.usage("多出来的参数："+args[most]+zh, "this is too much: "+args[most]+en)
		}
		return nil
	}
}

// joined says how a word that follows a flag which can stand alone is written as that flag's value.
func joined(cmd *cobra.Command, word string) (zh, en string) {
	wait := cmd.Flags().Lookup("wait")
	if _, err := time.ParseDuration(word); err != nil || wait == nil || !wait.Changed {
		return "", ""
	}
	return "（等多久连着写：--wait=" + word + "）", "; how long to wait is written in one: --wait=" + word
}

func (a *app) one(name string) cobra.PositionalArgs  { return a.want(name, 1, 1) }
func (a *app) some(name string) cobra.PositionalArgs { return a.want(name, 1, -1) }
func (a *app) none() cobra.PositionalArgs            { return a.want("", 0, 0) }

// subcommand refuses a word that is no command of this one.
func (a *app) subcommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		zh, en := plain.Meant(args[0], commandNames(cmd))
		if !cmd.HasParent() {
			for _, c := range cmd.Commands() { // it may be a part of another one
				if part, _, err := c.Find(args[:1]); zh == "" && err == nil && part != c && part.IsAvailableCommand() {
					zh, en = "（是不是 "+part.CommandPath()+"？）", "; did you mean "+part.CommandPath()+"?"
				}
			}
			return a.usage("没有命令 "+args[0]+zh, fmt.Sprintf("unknown command %q", args[0])+en)
		}
		return a.usage(cmd.CommandPath()+" 没有子命令 "+args[0]+zh, cmd.CommandPath()+" has no command "+args[0]+en)
	}
	return nil
}

// group makes a command that only holds others.
func (a *app) group(name, zh, en string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: a.say(zh, en), Args: a.subcommand, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(commands...)
	return cmd
}

// groupComplaints put the command library's sentences about flags into both languages.
var groupComplaints = []struct {
	pattern *regexp.Regexp
	zh, en  string
}{
	{regexp.MustCompile(`^unknown command "([^"]+)" for "([^"]+)"(?s:.*)`), "$2 没有子命令 $1", `unknown command "$1" for $2`},
	{regexp.MustCompile(`^(?:accepts|requires) (.*)arg\(s\).*`), "参数的个数不对", "there are too many arguments, or too few"},
	{regexp.MustCompile(`^required flag\(s\) (.+) not set`), "必须写明参数 $1", "these flags are needed: $1"},
	{regexp.MustCompile(`^if any flags in the group \[([^\]]+)\] are set none of the others can be(?s:.*)`), "这些参数只能用一个：$1", "only one of these flags can be used: $1"},
	{regexp.MustCompile(`^if any flags in the group \[([^\]]+)\] are set they must all be set(?s:.*)`), "这些参数要一起用：$1", "these flags belong together: $1"},
	{regexp.MustCompile(`^at least one of the flags in the group \[([^\]]+)\] is required`), "这些参数至少要用一个：$1", "one of these flags is needed: $1"},
}

// complaint words an error about the command line.
func (a *app) complaint(err error) string {
	text := err.Error()
	for _, c := range groupComplaints {
		if c.pattern.MatchString(text) {
			m := c.pattern.FindStringSubmatch(text)
			if len(m) == 2 && strings.Contains(c.pattern.String(), "group") { // the library names them without their lines
				text = strings.Replace(text, m[1], "--"+strings.ReplaceAll(m[1], " ", " --"), 1)
			}
			return c.pattern.ReplaceAllString(text, a.say(c.zh, c.en))
		}
	}
	return text
}

// useLine is a command's own line in Chinese.
func useLine(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.UseLine(), "[flags]", "[参数]")
}

// zhUsage is cobra's usage in Chinese.
const zhUsage = `用法：{{if .Runnable}}
  {{zhUseLine .}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [命令]{{end}}{{if gt (len .Aliases) 0}}

别名：
  {{.NameAndAliases}}{{end}}{{if .HasExample}}

例子：
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

命令：{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

参数：
{{zhFlags .LocalFlags}}{{end}}{{if .HasAvailableInheritedFlags}}

通用参数：
{{zhFlags .InheritedFlags}}{{end}}{{if .HasAvailableSubCommands}}

用 "{{.CommandPath}} [命令] --help" 看一个命令的说明。{{end}}
`
