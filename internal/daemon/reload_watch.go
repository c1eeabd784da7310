package daemon

import (
	"context"
	"hash/maphash"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/receiptd/receiptd/internal/hint"
)

// quietTime is how long a configuration file must rest before it is read: editors write in several steps.
const quietTime = 300 * time.Millisecond

// watch reads the configuration again when its file changes or a person asks for it, until ctx ends.
func (r *reloader) watch(ctx context.Context) error {
	path := r.file
	if r.load == nil {
		return nil
	}
	var events chan fsnotify.Event
	var errs chan error
	if path != "" {
		w, err := fsnotify.NewWatcher()
		if err == nil {
			defer w.Close()
			err = w.Add(filepath.Dir(path)) // the folder: editors replace the file
			events, errs = w.Events, w.Errors
		}
		if err != nil {
			r.log.Warn("changes of the configuration are not seen by themselves", "file", path, "err", err, "fix", hint.Restart())
		}
	}
	var seen uint64
	quiet := time.NewTimer(quietTime) // the file may have changed since it was read, before it was watched
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			if filepath.Base(e.Name) == filepath.Base(path) {
				quiet.Reset(quietTime)
			}
		case err := <-errs:
			r.log.Warn("watch configuration", "err", err)
			quiet.Reset(quietTime)
		case <-quiet.C:
			if now := fingerprint(path); now != seen && now != 0 {
				first := seen == 0
				seen = now
				_ = r.read(ctx, first) // it is told in the log
			}
		case <-r.asked:
			seen = fingerprint(path)
			_ = r.read(ctx, false)
		case ended := <-r.setUp:
			seen = fingerprint(path)
			ended <- r.read(ctx, false)
		}
	}
}

var fingerprintSeed = maphash.MakeSeed()

// fingerprint tells two contents of a file apart; 0 when there is no file.
func fingerprint(path string) uint64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	return maphash.Bytes(fingerprintSeed, data) | 1
}
