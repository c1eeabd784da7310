package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/web"
)

func newPrinterCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "printer", Short: "Find, watch and test printers"}
	cmd.AddCommand(newPrinterList(a), newPrinterStatus(a), newScanCommand(),
		newPrinterDo(a, "test", "Print a test page"),
		newPrinterDo(a, "probe", "Measure whether proof waits for the mechanism (prints 20 cm)"),
		newPrinterDo(a, "jam-cleared", "Say that a cutter jam is cleared and fingers are out"))
	return cmd
}

func newPrinterList(a *app) *cobra.Command {
	var profiles bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the configured printers, or the known profiles", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if profiles {
				names := profile.Names()
				return a.print(names, func(w io.Writer) {
					for _, n := range names {
						fmt.Fprintln(w, n)
					}
				})
			}
			c, err := a.loadConfig()
			if err != nil {
				return err
			}
			return a.print(c.Printers, func(w io.Writer) {
				for _, p := range c.Printers {
					fmt.Fprintf(w, "%-12s %-40s %s\n", p.Name, p.Device, p.Profile)
				}
			})
		},
	}
	cmd.Flags().BoolVar(&profiles, "profiles", false, "list the profiles that a printer may name")
	return cmd
}

func newPrinterStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status [NAME]", Short: "Show how the printers are, and what to do", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var page struct {
				Printers []web.PrinterStatus `json:"printers"`
			}
			if len(args) == 1 {
				page.Printers = make([]web.PrinterStatus, 1)
				err = c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/printers/" + url.PathEscape(args[0])}, &page.Printers[0])
			} else {
				err = c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/printers"}, &page)
			}
			if err != nil {
				return err
			}
			if err := a.print(page.Printers, func(w io.Writer) {
				for _, p := range page.Printers {
					fmt.Fprintf(w, "%-12s %-9s %-12s %s %s\n", p.Name, p.State, p.Reason, cmp.Or(p.Tier, "-"), a.say(p.Text.Zh, p.Text.En))
				}
			}); err != nil {
				return err
			}
			for _, p := range page.Printers {
				if p.State == "held" || p.State == "down" {
					return codeError{code: exitNotReady}
				}
			}
			return nil
		},
	}
}

// newPrinterDo makes the commands that ask one printer for something.
func newPrinterDo(a *app, verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var out struct {
				Message string `json:"message"`
			}
			path := "/v1/printers/" + url.PathEscape(args[0]) + "/" + verb
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path}, &out); err != nil {
				return err
			}
			return a.print(out, func(w io.Writer) { fmt.Fprintln(w, out.Message) })
		},
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
