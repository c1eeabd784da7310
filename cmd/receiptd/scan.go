package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/printer/link"
)

// scan is receiptd printer scan: it needs neither daemon nor configuration.
func (g printerCommands) scan() *cobra.Command {
	return &cobra.Command{
		Use: "scan", Short: g.a.say("列出这台机器上的打印机和串口，打不开的说明原因", "List the printers and ports of this machine, and how to open those that do not"), Args: g.a.none(),
		Long: g.a.say("列出 USB 打印机、串口、Windows 打印队列，以及写进配置的 device。打不开的说明原因和解决的命令。网络打印机不搜索：\n地址在自检页上（按住走纸键开机）。",
			"List USB printers, serial ports and Windows print queues with the device to write into the configuration.\n"+
				"What cannot be opened is shown with the reason and the command that mends it. Network printers are not searched\n"+
				"for: their address is on the self-test slip (hold the feed button while switching on)."),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := link.Scan(cmd.Context())
			return g.a.print(nonNil(found), func(w io.Writer) { g.writeFound(w, found) })
		},
	}
}

// writeFound writes one block per device: the device comes first in its line, so that it can be copied.
func (g printerCommands) writeFound(w io.Writer, found []link.Found) {
	if len(found) == 0 {
		fmt.Fprintln(w, g.a.say("没有找到 USB 打印机和串口。网络打印机写成 device = \"tcp://地址:9100\"，地址见自检页。",
			"No USB printer and no serial port found. Write a network printer as device = \"tcp://ADDRESS:9100\"; its self-test slip shows the address."))
		return
	}
	t := newTable(g.a.say("设备", "DEVICE"), g.a.say("是什么", "WHAT"), g.a.say("能不能打开", "STATE"))
	for _, f := range found {
		state := g.a.say("可以打开", "opens")
		if !f.Opens {
			state = g.a.say("打不开："+f.Reason.ZH, "does not open: "+f.Reason.EN)
		}
		t.add(f.Device, g.a.say(f.What.ZH, f.What.EN), state)
		if !f.Opens {
			t.add("", "", "-> "+g.a.say(f.Fix.ZH, f.Fix.EN))
		}
	}
	t.write(w, "")
}
