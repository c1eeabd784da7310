//go:build !unix

package daemon

// noCoreDumps does nothing: Windows writes none unless it is told to.
func noCoreDumps() error { return nil }
