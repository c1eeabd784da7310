//go:build !unix

package httpd

// Room is how many connections may be open at once. This system sets no limit on open handles that matters here.
func Room(int) int { return DefaultMax }
