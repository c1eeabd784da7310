//go:build !linux && !windows

package link

func systemCause(error) Cause { return OtherCause }

func hostDown(error) bool { return false }
