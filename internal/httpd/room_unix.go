//go:build unix

package httpd

import (
	"os"

	"golang.org/x/sys/unix"
)

// Room is how many connections may be open at once so that reserve descriptors stay free for everything else, beside those
// that are open now: at least 4, at most DefaultMax.
func Room(reserve int) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<20 {
		return DefaultMax
	}
	return max(min(int(limit.Cur)-openNow()-reserve, DefaultMax), 4)
}

// openNow counts the open descriptors; where the system does not list them it is a careful guess.
func openNow() int {
	list, err := os.ReadDir("/dev/fd")
	if err != nil {
		return 40
	}
	return len(list) - 1 // without the folder itself
}
