package main

import (
	"errors"
	"regexp"

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

var unknownFlag = regexp.MustCompile(`^unknown flag: --([^\s=]+)`)

// flagError words a flag that is not understood, and asks whether another one was meant.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	m := unknownFlag.FindStringSubmatch(err.Error())
	if m == nil {
		return usageError{err}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	zh, en := plain.Meant("--"+m[1], names)
	return usageError{errors.New(a.say("没有这个参数：--"+m[1]+zh, "unknown flag: --"+m[1]+en))}
}
