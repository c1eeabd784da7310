//go:build unix

package service

import "os"

func isRoot() bool { return os.Geteuid() == 0 }
