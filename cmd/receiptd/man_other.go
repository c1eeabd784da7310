//go:build !windows

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// writeMan writes one page for man(1): what cobra makes of the command, and what is true for all of them.
func writeMan(w io.Writer, c *cobra.Command) error {
	c.Root().DisableAutoGenTag = true
	day := builtAt() // the same program gives the same pages
	if day.IsZero() {
		day = time.Unix(0, 0).UTC()
	}
	if err := doc.GenMan(c, &doc.GenManHeader{Title: strings.ToUpper(strings.ReplaceAll(c.CommandPath(), " ", "-")), Section: "1", Source: "receiptd", Manual: "receiptd", Date: &day}, w); err != nil {
		return fmt.Errorf("make manual page of %s: %w", c.CommandPath(), err)
	}
	fmt.Fprint(w, "\n.SH EXIT STATUS\n")
	for _, e := range exitTable {
		fmt.Fprintf(w, ".TP\n.B %d\n%s\n", e.code, e.meaning)
	}
	fmt.Fprint(w, ".SH ENVIRONMENT\n")
	for _, e := range environment {
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", e[0], e[1])
	}
	return nil
}
