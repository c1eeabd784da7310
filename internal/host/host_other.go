//go:build !linux && !windows

package host

func machine() (id, board string) { return "", "" }

func fileParts(string) []string { return nil }
