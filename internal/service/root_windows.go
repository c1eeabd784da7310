package service

import "golang.org/x/sys/windows"

func isRoot() bool { return windows.GetCurrentProcessToken().IsElevated() }
