package daemon

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/discover"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/link"
)

// FindNetwork looks for printers in this machine's own networks, or in those named. It prints nothing, and touches no address of cfg.
func FindNetwork(ctx context.Context, cfg *config.Config, subnets []netip.Prefix) ([]api.Found, error) {
	ours := map[netip.Addr]string{}
	for _, p := range cfg.Printers {
		d, err := link.Parse(p.Device)
		if err != nil || d.Scheme != link.TCP {
			continue
		}
		if at, err := netip.ParseAddrPort(d.Address); err == nil {
			ours[at.Addr().Unmap()] = p.Name
		}
	}
	list, err := discover.Network(ctx, discover.Options{Subnets: subnets, Ours: ours})
	if err != nil {
		return nil, fmt.Errorf("look for network printers: %w", err)
	}
	out := make([]api.Found, 0, len(list))
	for i := range list {
		out = append(out, networkFound(&list[i]))
	}
	return out, nil
}

// networkFound words what is at an address.
func networkFound(d *discover.Device) api.Found {
	f := api.Found{Device: d.Device(), Model: strings.TrimSpace(d.Maker + " " + d.Model), Serial: d.Serial, MAC: d.MAC.String(), Tier: d.Tier, Identity: d.Identity(), Profile: profileFor(d.Maker, d.Model)}
	switch d.Kind {
	case discover.Configured:
		f.What, f.InUse = job.Text{Zh: "已配置的打印机", En: "configured printer"}, d.Name
	case discover.Printer:
		f.What, f.Opens = job.Text{Zh: "网络小票打印机", En: "network receipt printer"}, true
	case discover.Silent:
		f.What = job.Text{Zh: "端口 9100 开着，没有回答", En: "port 9100 is open and says nothing"}
		f.Reason = job.Text{Zh: "可能是不会回答的小票打印机，也可能是别的设备。", En: "It may be a receipt printer that never answers, or something else."}
		f.Fix = job.Text{Zh: "对照打印机自检页上的地址；是它就用。", En: "Compare the address on the printer's self-test slip; if it is that one, use it."}
	case discover.Office:
		f.What = job.Text{Zh: "办公打印机", En: "office printer"}
		f.Reason = job.Text{Zh: "它收整页（PDF 或 IPP），什么都没有发给它。", En: "It takes pages (PDF or IPP); it was sent nothing."}
		f.Fix = job.Text{Zh: "确实是小票打印机就用它的地址。", En: "If it is a receipt printer all the same, use its address."}
	default:
		f.What = job.Text{Zh: "不是打印机", En: "no printer"}
		f.Reason = job.Text{Zh: "端口 9100 上是别的程序。", En: "Another program answers at port 9100."}
		f.Fix = job.Text{Zh: "不用管它。", En: "Leave it."}
	}
	if d.Name != "" && d.Kind != discover.Configured {
		f.What.Zh += " " + d.Name
		f.What.En += " " + d.Name
	}
	return f
}

// profileFor names the profile that fits what a printer says of itself, "" when nothing does. Clones give an Epson's name, so that is
// believed only together with the maker's.
func profileFor(maker, model string) string {
	maker, model = strings.ToUpper(maker), strings.ToUpper(strings.ReplaceAll(model, " ", "-"))
	for _, x := range []struct{ maker, model, profile string }{
		{"EPSON", "TM-T88", "epson-tm-t88"}, {"EPSON", "TM-T82", "epson-tm-t82"}, {"EPSON", "TM-T20", "epson-tm-t20"}, {"EPSON", "TM-M30", "epson-tm-m30"}, {"EPSON", "TM-U220", "epson-tm-u220"},
		{"CITIZEN", "CT-", "citizen-ct"}, {"BIXOLON", "SRP", "bixolon-srp"}, {"STAR", "", "star-escpos"}, {"XPRINTER", "", "xprinter-80"}, {"GPRINTER", "", "gprinter-80"}, {"RONGTA", "", "rongta-80"}, {"HPRT", "", "hprt-80"},
	} {
		if strings.Contains(maker, x.maker) && strings.HasPrefix(model, x.model) {
			return x.profile
		}
	}
	return ""
}
