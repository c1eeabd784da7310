package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer/link"
)

// scan is receiptd printer scan: it needs neither daemon nor configuration.
func (g printerCommands) scan() *cobra.Command {
	var network bool
	var subnets []string
	cmd := &cobra.Command{
		Use: "scan", Short: g.a.say("列出这台机器上的打印机和串口，打不开的说明原因", "List the printers and ports of this machine, and how to open those that do not"), Args: g.a.none(),
		Long: g.a.say("列出 USB 打印机、串口、Windows 打印队列，以及写进配置的 device。打不开的说明原因和解决的命令。\n\n--network 找网络打印机：问本机所在网段（大网段只问本机附近的 /24）每个地址的端口 9100，约半分钟，不会打印。自报收 PDF 或有 IPP 的\n办公打印机、已配置的打印机都不问；别的先发三个不可打印的字节（DLE EOT 1），像小票打印机那样回答的才再问型号。",
			"List USB printers, serial ports and Windows print queues with the device to write into the configuration.\n"+
				"What cannot be opened is shown with the reason and the command that mends it.\n\n"+
				"--network looks for network printers: port 9100 of each address in this machine's own networks (of a large one the /24\n"+
				"around it), for about half a minute. Nothing is printed: office printers (PDF by DNS-SD, or IPP) and configured printers\n"+
				"are not asked; anybody else gets three bytes that do not print (DLE EOT 1), and is asked for its model only when it\n"+
				"answers as a receipt printer does."),
		Example: "  receiptd printer scan\n  receiptd printer scan --network\n  receiptd printer scan --network --subnet 192.168.5.0/24",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if network || len(subnets) > 0 {
				return g.scanNetwork(cmd.Context(), subnets)
			}
			list := g.explained(cmd.Context(), link.Scan(cmd.Context()))
			return g.a.print(nonNil(list), func(w io.Writer) { g.writeFound(w, list) })
		},
	}
	cmd.Flags().BoolVar(&network, "network", false, g.a.say("找本机所在网段里的网络打印机", "look for network printers in this machine's own networks"))
	cmd.Flags().StringSliceVar(&subnets, "subnet", nil, g.a.say("只问这个网段，例如 192.168.5.0/24；可以在路由器后面，最大 /20", "ask this network only, like 192.168.5.0/24; it may lie behind a router, /20 at most"))
	return cmd
}

// A found is a device with what keeps it from opening.
type found struct {
	link.Found
	Reason *link.Words       `json:"reason,omitempty"` // what happened
	Fix    *link.Words       `json:"fix,omitempty"`    // what to do
	Holder *diagnosis.Holder `json:"holder,omitempty"` // who has it
	Mine   bool              `json:"in_use,omitempty"` // receiptd prints on it: nothing is wrong
}

// explained diagnoses what does not open. What the running receiptd prints on is no trouble.
func (g printerCommands) explained(ctx context.Context, list []link.Found) []found {
	out := make([]found, len(list))
	holder := g.holder(ctx)
	for i, f := range list {
		out[i] = found{Found: f}
		if f.Err == nil {
			continue
		}
		d := diagnosis.Of(f.Device, f.Err, diagnosis.Options{Holder: holder})
		out[i].Cause, out[i].Holder, out[i].Mine = link.Cause(d.Cause), d.Holder, d.Cause == diagnosis.Self
		out[i].Reason, out[i].Fix = &link.Words{ZH: d.What.Zh, EN: d.What.En}, &link.Words{ZH: d.Fix.Zh, EN: d.Fix.En}
	}
	return out
}

// holder finds who has a device: the running daemon says on which it prints, the system who else has one open.
func (g printerCommands) holder(ctx context.Context) func(path string) (diagnosis.Holder, bool) {
	mine := map[string]string{}
	if cfg, err := g.a.loadConfig(); err == nil {
		for _, p := range g.live(ctx, cfg) {
			if d, err := link.Parse(p.Device); err == nil && d.Path != "" && p.Cause != string(diagnosis.Busy) {
				mine[real(d.Path)] = p.Name
			}
		}
	}
	return func(path string) (diagnosis.Holder, bool) {
		h, ok := diagnosis.WhoHas(path)
		if name := mine[real(path)]; name != "" && (!ok || h.Self) {
			h.Self, h.Printer, ok = true, name, true
			h.Program = cmp.Or(h.Program, "receiptd")
		}
		return h, ok
	}
}

// live asks the running daemon for its printers, for a moment; nil when none answers.
func (g printerCommands) live(ctx context.Context, cfg *config.Config) []api.Printer {
	ctx, cancel := context.WithTimeout(ctx, liveTime)
	defer cancel()
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err != nil {
		return nil
	}
	var page api.Printers
	if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/printers"}, &page); err != nil {
		return nil
	}
	return page.Printers
}

// liveTime is how long a daemon may take to say which printers it has, where that only adds a name.
const liveTime = 2 * time.Second

// real is a path without links.
func real(path string) string {
	if full, err := filepath.EvalSymlinks(path); err == nil {
		return full
	}
	return path
}

// writeFound writes one block per device: the device comes first in its line, so that it can be copied.
func (g printerCommands) writeFound(w io.Writer, list []found) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有找到 USB 打印机和串口。找网络打印机：receiptd printer scan --network",
			"No USB printer and no serial port found. Network printers: receiptd printer scan --network"))
		return
	}
	t := newTable(g.a.say("设备", "DEVICE"), g.a.say("是什么", "WHAT"), g.a.say("能不能打开", "STATE"))
	for _, f := range list {
		switch {
		case f.Opens:
			t.add(f.Device, g.a.say(f.What.ZH, f.What.EN), g.a.say("可以打开", "opens"))
			continue
		case f.Mine:
			t.add(f.Device, g.a.say(f.What.ZH, f.What.EN), g.a.say(f.Reason.ZH, f.Reason.EN))
		default:
			t.add(f.Device, g.a.say(f.What.ZH, f.What.EN), g.a.say("打不开："+f.Reason.ZH, "does not open: "+f.Reason.EN))
		}
		t.add("", "", "-> "+g.a.say(f.Fix.ZH, f.Fix.EN))
	}
	t.write(w, "")
}
