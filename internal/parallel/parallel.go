// Package parallel lets the tests of a package run beside each other when they wait more than they work: for other processes,
// for printers that take their time. It is for TestMain only, starts nothing and holds nothing.
package parallel

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// AtLeast lets n tests run at once where the machine has fewer processors. It is to be called first in TestMain: what the command line
// says with -parallel holds all the same.
func AtLeast(n int) {
	testing.Init()
	if err := flag.Set("test.parallel", strconv.Itoa(max(n, runtime.GOMAXPROCS(0)))); err != nil {
		fmt.Fprintln(os.Stderr, "parallel:", err)
		os.Exit(1)
	}
}
