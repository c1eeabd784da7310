package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/printer/link"
)

// newScanCommand is receiptd printer scan: it needs neither daemon nor configuration.
func newScanCommand() *cobra.Command {
	return &cobra.Command{
		Use: "scan", Short: "List the printers and ports of this machine, and how to open those that do not", Args: cobra.NoArgs,
		Long: "List USB printers, serial ports and Windows print queues with the device to write into the configuration.\n" +
			"What cannot be opened is shown with the reason and the command that mends it. Network printers are not searched\n" +
			"for: their address is on the self-test slip (hold the feed button while switching on).",
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, _ := cmd.Flags().GetBool("json")
			lang, _ := cmd.Flags().GetString("lang")
			quiet, _ := cmd.Flags().GetBool("quiet")
			found := link.Scan(cmd.Context())
			switch {
			case asJSON:
				return writeFoundJSON(cmd.OutOrStdout(), found)
			case quiet:
				return nil
			}
			return writeFound(cmd.OutOrStdout(), found, lang)
		},
	}
}

func writeFoundJSON(w io.Writer, found []link.Found) error {
	if found == nil {
		found = []link.Found{} // a list, also when it is empty
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(found); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// writeFound writes one block per device: the device comes first in its line, so that it can be copied.
func writeFound(w io.Writer, found []link.Found, lang string) error {
	say := func(zh, en string) string {
		if lang == "zh" {
			return zh
		}
		return en
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, say("没有找到 USB 打印机和串口。网络打印机写成 device = \"tcp://地址:9100\",地址见自检页。",
			"No USB printer and no serial port found. Write a network printer as device = \"tcp://ADDRESS:9100\"; its self-test slip shows the address."))
		return writing(err)
	}
	wide := 0
	for _, f := range found {
		wide = max(wide, len(f.Device))
	}
	for _, f := range found {
		state := say("可以打开", "opens")
		if !f.Opens {
			state = say("打不开:"+f.Reason.ZH, "does not open: "+f.Reason.EN)
		}
		if _, err := fmt.Fprintf(w, "%-*s  %s  %s\n", wide, f.Device, say(f.What.ZH, f.What.EN), state); err != nil {
			return writing(err)
		}
		if f.Opens {
			continue
		}
		if _, err := fmt.Fprintf(w, "%*s  -> %s\n", wide, "", say(f.Fix.ZH, f.Fix.EN)); err != nil {
			return writing(err)
		}
	}
	return nil
}

// writing names what failed.
func writing(err error) error {
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
