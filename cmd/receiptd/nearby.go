package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/receiptd/receiptd/internal/plain"
)

// commandNames are the commands that one holds.
func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError words a flag that is not understood: whether another one was meant, or what its value must look like.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		bare    *pflag.ValueRequiredError
		bad     *pflag.InvalidValueError
		broken  *pflag.InvalidSyntaxError
	)
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 { // the flag belongs to a command that was mistyped
		return a.subcommand(cmd, words)
	}
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return a.usage("没有这个参数：-"+unknown.GetSpecifiedName(), "unknown flag: -"+unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		zh, en := plain.Meant("--"+unknown.GetSpecifiedName(), flagNames(cmd))
		return a.usage("没有这个参数：--"+unknown.GetSpecifiedName()+zh, "unknown flag: --"+unknown.GetSpecifiedName()+en)
	case errors.As(err, &bare):
		zh, en := wanted(bare.GetFlag())
		return a.usage("参数 --"+bare.GetFlag().Name+" 后面要写值："+zh, "--"+bare.GetFlag().Name+" needs a value: "+en)
	case errors.As(err, &bad):
		zh, en := wanted(bad.GetFlag())
		shown := strconv.Quote(bad.GetValue())
		return a.usage("参数 --"+bad.GetFlag().Name+" 的值 "+shown+" 不对：要写"+zh, "--"+bad.GetFlag().Name+" cannot be "+shown+": it wants "+en)
	case errors.As(err, &broken):
		return a.usage("参数写错了："+strconv.Quote(broken.GetSpecifiedFlag()), "this is no flag: "+strconv.Quote(broken.GetSpecifiedFlag()))
	}
	return usageError{err}
}

// flagNames are the flags that a command knows.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return names
}

// wanted says what a flag's value must look like.
func wanted(f *pflag.Flag) (zh, en string) {
	switch f.Value.Type() {
	case "duration":
		return "带单位的时长，例如 30s、2m、1h", "a time with its unit, like 30s, 2m or 1h"
	case "int", "int64", "uint":
		return "整数", "a whole number"
	case "float64":
		return "数字", "a number"
	case "bool":
		return " true 或 false", "true or false"
	case "stringSlice":
		return "用逗号隔开的几个", "one or several, with commas between"
	}
	return "文字", "a text"
}

// kindOfValue names what a flag takes, in the list of flags; "" for one that takes nothing.
func kindOfValue(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return ""
	case "duration":
		return "时长"
	case "int", "int64", "uint":
		return "整数"
	case "float64":
		return "数字"
	case "stringSlice":
		return "几个"
	}
	return "文字"
}

// zhFlags lists flags for the help in Chinese.
func zhFlags(flags *pflag.FlagSet) string {
	t := newTable()
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		switch kind := kindOfValue(f); {
		case f.NoOptDefVal != "" && kind != "":
			name += "[=" + kind + "]"
		case kind != "":
			name += " " + kind
		}
		usage := f.Usage
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "false" && f.DefValue != "[]" {
			usage += "（缺省 " + f.DefValue + "）"
		}
		t.add(name, usage)
	})
	var b strings.Builder
	t.rows = t.rows[1:] // a list of flags has no head
	t.write(&b, "")
	return strings.TrimRight(b.String(), "\n")
}
