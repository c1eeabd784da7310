//go:build !unix

package templates_test

// makePipe does nothing: pipes are no files here.
func makePipe(string) bool { return false }
