package main

import (
	"fmt"
	"io"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// release is set by the release recipe: -ldflags "-X main.release=1.0.0".
var release = ""

// built is when the release's sources were committed, in Unix time, set by the same recipe: such a build holds no other date.
var built = ""

// version names this build.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	return versionOf(info)
}

// tagged is a version of a release; others are made up of a time and a commit (go.dev/ref/mod, pseudo-versions).
var tagged = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[a-z]+\.?\d*)?$`)

// versionOf reads the version that the go command recorded: of a release that was fetched or whose tag was checked out, else the commit.
func versionOf(info *debug.BuildInfo) string {
	if tagged.MatchString(info.Main.Version) {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = "-" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changed"
		}
	}
	if commit == "" {
		return "dev"
	}
	return "dev" + commit + dirty
}

// builtAt is when this program's sources were committed; zero when the build does not say.
func builtAt() time.Time {
	if seconds, err := strconv.ParseInt(built, 10, 64); err == nil && seconds > 0 {
		return time.Unix(seconds, 0)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.say("显示版本", "Show the version"),
		Args:  a.none(),
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH}
			if at := builtAt(); !at.IsZero() {
				v["built"] = at.UTC().Format(time.RFC3339)
			}
			return a.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "receiptd %s (%s %s/%s)\n", v["version"], v["go"], v["os"], v["arch"])
			})
		},
	}
}
