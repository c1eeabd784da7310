package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// versionsKept is how long such a copy is kept: nobody goes back after that, and what must be forgotten is in it too.
const versionsKept = 30 * 24 * time.Hour

// ErrNoWayBack says that a journal was not brought to a new form, because the copy for the way back cannot be written.
var ErrNoWayBack = errors.New("the copy of the journal from before its upgrade cannot be written")

// keepVersion copies a journal before its form is changed, so that the program from before can be had back with it. The ballast is
// given up for that where the disk is full.
func keepVersion(ctx context.Context, path string, version int, now time.Time, log *slog.Logger) error {
	file := fmt.Sprintf("%s%s%d-%s", path, versionMark, version, now.UTC().Format("20060102T150405Z"))
	for i := 1; exists(file); i++ {
		file = strings.TrimSuffix(file, "."+strconv.Itoa(i-1)) + "." + strconv.Itoa(i)
	}
	err := backup(ctx, path, file)
	if err != nil && os.Remove(ballastPath(path)) == nil {
		err = backup(ctx, path, file)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoWayBack, err)
	}
	log.Info("the journal gets a new form; to go back to the receiptd from before: stop it, receiptd journal restore FILE, install the older one",
		"version", version, "file", file)
	return nil
}

// forgetVersions removes copies whose time is over, by the times in their names: that of the file may be a later one.
func forgetVersions(path string, now time.Time, log *slog.Logger) {
	for _, v := range versionsOf(path) {
		if now.Sub(v.at) < versionsKept {
			continue
		}
		if err := os.Remove(v.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("an old copy of the journal stays", "file", v.file, "error", err)
		}
	}
}

// An earlier is a copy of an earlier form.
type earlier struct {
	file    string
	version int
	at      time.Time
}

// versionsOf lists the copies beside a journal, the newest first.
func versionsOf(path string) []earlier {
	files, err := filepath.Glob(globQuote(path) + versionMark + "*")
	if err != nil {
		return nil // the pattern is ours
	}
	var out []earlier
	for _, f := range files {
		number, rest, _ := strings.Cut(strings.TrimPrefix(f, path+versionMark), "-")
		stamp, _, _ := strings.Cut(rest, ".")
		version, err := strconv.Atoi(number)
		at, terr := time.Parse("20060102T150405Z", stamp)
		if err == nil && terr == nil {
			out = append(out, earlier{f, version, at})
		}
	}
	slices.SortFunc(out, func(a, b earlier) int { return b.at.Compare(a.at) })
	return out
}

// WayBack gives the newest copy beside a journal whose form this program knows, for a journal that was written by a newer one; "" when
// there is none. It opens nothing.
func WayBack(path string) string {
	names, err := schemaSteps()
	if err != nil {
		return ""
	}
	for _, v := range versionsOf(path) {
		if v.version <= len(names) {
			return v.file
		}
	}
	return ""
}
