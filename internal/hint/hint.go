// Package hint has the commands that texts tell a person to run, as this system's own command line takes them: a shell's on
// Unix, cmd.exe's on Windows. A text that names a command of the system takes it from here; TestTextsOfWindows holds that.
//
// It owns no state and starts no goroutines.
package hint

import "strings"

// Seen from Windows, a path with a space is one word in double quotes; from a shell, in single ones.

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
		return path
	}
	return quote(path)
}

// letters need no quotes in any command line.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+,:@"
