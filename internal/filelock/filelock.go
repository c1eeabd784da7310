// Package filelock keeps a second process off a file or a folder. The system drops the lock when the process dies; it does not on NFS and the
// like, which may have none.
package filelock

import "errors"

// ErrHeld is for a lock that somebody else holds.
var ErrHeld = errors.New("somebody else holds the lock")
