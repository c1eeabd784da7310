//go:build unix

package templates_test

import "syscall"

// makePipe makes a named pipe, which nobody writes into.
func makePipe(name string) bool { return syscall.Mkfifo(name, 0o600) == nil }
