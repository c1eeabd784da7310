//go:build !linux

package spool

// tellsAll reports whether a watch over the folder sees every change in it: it is not known here.
func (f *folder) tellsAll() bool { return false }
