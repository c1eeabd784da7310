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
	return &cobra.Command{
		Use: "scan", Short: g.a.say("列出这台机器上的打印机和串口，打不开的说明原因", "List the printers and ports of this machine, and how to open those that do not"), Args: g.a.none(),
		Long: g.a.say("列出 USB 打印机、串口、Windows 打印队列，以及写进配置的 device。打不开的说明原因和解决的命令。网络打印机不搜索：\n地址在自检页上（按住走纸键开机）。",
			"List USB printers, serial ports and Windows print queues with the device to write into the configuration.\n"+
				"What cannot be opened is shown with the reason and the command that mends it. Network printers are not searched\n"+
				"for: their address is on the self-test slip (hold the feed button while switching on)."),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := g.explained(cmd.Context(), link.Scan(cmd.Context()))
			return g.a.print(nonNil(list), func(w io.Writer) { g.writeFound(w, list) })
		},
	}
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
		fmt.Fprintln(w, g.a.say("没有找到 USB 打印机和串口。网络打印机写成 device = \"tcp://地址:9100\"，地址见自检页。",
			"No USB printer and no serial port found. Write a network printer as device = \"tcp://ADDRESS:9100\"; its self-test slip shows the address."))
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
