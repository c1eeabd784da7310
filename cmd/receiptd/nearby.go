package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearby asks whether another word was meant, in both languages; empty where none is near.
func (a *app) nearby(word string, known []string) (zh, en string) {
	best, least := "", 3
	for _, k := range known {
		d := changes(strings.ToLower(word), k)
		if d < least && d < len([]rune(word)) || d == least && strings.HasPrefix(k, word) {
			best, least = k, d
		}
	}
	if best == "" {
		return "", ""
	}
	return "（是不是 " + best + "？）", "; did you mean " + best + "?"
}

// changes counts the letters to be put in, taken out, changed or swapped with the next to make one word of another.
func changes(from, to string) int {
	a, b := []rune(from), []rune(to)
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(now[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

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
	zh, en := a.nearby("--"+m[1], names)
	return usageError{errors.New(a.say("没有这个参数：--"+m[1]+zh, "unknown flag: --"+m[1]+en))}
}
