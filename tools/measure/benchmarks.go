package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// benchmarks are those by which two commits are compared, by their packages.
var benchmarks = []struct{ pkg, names string }{
	{"internal/daemon", "DropToWire|Burst"},
	{"queue", "Accept"},
	{"printer/raster", "ReferenceSlip"},
	{"job", "Parse"},
}

// printBenchmarks runs them in a tree, one package after the other, as often as it is told; the caller sees to it that the machine is quiet.
// One that fails does not hide the others.
func printBenchmarks(w io.Writer, root string, times int) error {
	fmt.Fprintln(w, "\nbenchmarks")
	var failed error
	for _, b := range benchmarks {
		cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^Benchmark("+b.names+")$", "-benchmem", "-count", fmt.Sprint(times), "./"+b.pkg)
		cmd.Dir = filepath.Clean(root)
		out, err := cmd.CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "Benchmark") || err != nil {
				fmt.Fprint(w, "  ", line)
			}
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("benchmarks of %s: %w", b.pkg, err))
		}
	}
	return failed
}
