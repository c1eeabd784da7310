// Command licences writes to standard output the licence texts of what is built into a Go binary, as the linker recorded it: Go's own,
// then those of its modules in the order of their names. The same binary gives the same bytes. A module without a licence is an error.
package main

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: licences BINARY")
		os.Exit(2)
	}
	w := bufio.NewWriter(os.Stdout)
	if err := errors.Join(write(context.Background(), w, os.Args[1]), w.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, w io.Writer, binary string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("read build information: %w", err)
	}
	fmt.Fprintln(w, "receiptd contains the works of others. Each is named with the licence under which it may be used and passed on.")
	if err := folder(w, "Go "+info.GoVersion, goRoot(ctx)); err != nil {
		return err
	}
	deps := slices.DeleteFunc(slices.Clone(info.Deps), func(m *debug.Module) bool { return m.Replace != nil }) // part of this repository
	slices.SortFunc(deps, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	dirs, err := moduleDirs(ctx, deps)
	if err != nil {
		return err
	}
	for _, m := range deps {
		if err := folder(w, m.Path+" "+m.Version, dirs[m.Path]); err != nil {
			return err
		}
	}
	return nil
}

// moduleDirs tells where the sources of modules lie, by their paths.
func moduleDirs(ctx context.Context, list []*debug.Module) (map[string]string, error) {
	args := []string{"list", "-m", "-f", "{{.Path}} {{.Dir}}"}
	for _, m := range list {
		args = append(args, m.Path)
	}
	out, err := exec.CommandContext(ctx, "go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("find modules: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirs[path] = dir
	}
	return dirs, nil
}

// goRoot is where Go's own sources lie.
func goRoot(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return runtime.Version() // folder says that there is no licence
	}
	return strings.TrimSpace(string(out))
}

// legal are the names of files that hold licences and what they want to be passed on.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|copyright)([-._].*)?$`)

// folder writes the licences of one work.
func folder(w io.Writer, name, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("licence of %s: %w", name, err)
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !legal.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return fmt.Errorf("licence of %s: %w", name, err)
		}
		found = true
		fmt.Fprintf(w, "\n%s\n%s: %s\n%s\n\n%s\n", strings.Repeat("=", 80), name, e.Name(), strings.Repeat("=", 80), strings.TrimSpace(string(text)))
	}
	if !found {
		return fmt.Errorf("licence of %s: none in %s", name, dir)
	}
	return nil
}
