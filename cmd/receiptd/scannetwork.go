package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/discover"
)

// networkTime bounds a search of the network: of a /20, the largest, it is twice what is needed.
const networkTime = 3 * time.Minute

// scanNetwork is receiptd printer scan --network.
func (g printerCommands) scanNetwork(ctx context.Context, subnets []string) error {
	var nets []netip.Prefix
	for _, text := range subnets {
		n, err := netip.ParsePrefix(text)
		if a, one := netip.ParseAddr(text); err != nil && one == nil {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return g.a.usage("--subnet 要写成 192.168.5.0/24 这样，不是 "+text, "--subnet is written like 192.168.5.0/24, not "+text)
		}
		nets = append(nets, n)
	}
	cfg, err := g.a.loadConfig()
	if err != nil {
		cfg = config.Default() // a broken configuration is no reason not to look; its printers are then asked like others
	}
	ctx, cancel := context.WithTimeout(ctx, networkTime)
	defer cancel()
	g.a.progress(g.a.say("正在问网络里的地址，约半分钟……", "asking the network's addresses, for about half a minute ..."))
	list, err := daemon.FindNetwork(ctx, cfg, nets)
	switch {
	case errors.Is(err, discover.ErrTooLarge):
		return g.a.usage("网段太大（要 IPv4，最大 /20）：写小一点的一段", "the network is too large (IPv4, /20 at most): name a part of it")
	case errors.Is(err, discover.ErrNotOurs):
		return g.a.usage("只问内网：这个网段不是私有地址，也不是本机所在的", "only private networks, and those of this machine, are asked")
	case errors.Is(err, discover.ErrNoNetwork):
		return codeError{exitNotReady, g.a.say("这台机器没有连着 IPv4 内网。", "this machine has no private IPv4 network of its own.")}
	case err != nil:
		return err
	}
	return g.a.print(nonNil(list), func(w io.Writer) { g.writeNetwork(w, list) })
}

func (g printerCommands) writeNetwork(w io.Writer, list []api.Found) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有找到。打印机开机、接上网线了吗？地址在自检页上（按住走纸键开机）。", "None found. Is the printer switched on and wired? Its self-test slip shows the address (hold the feed button while switching on)."))
		return
	}
	t := newTable(g.a.say("设备", "DEVICE"), g.a.say("是什么", "WHAT"), g.a.say("型号", "MODEL"), g.a.say("硬件地址", "MAC"), g.a.say("证明至少", "PROOF AT LEAST"))
	for i := range list {
		f := &list[i]
		what := g.a.say(f.What.Zh, f.What.En)
		if f.InUse != "" {
			what += " " + f.InUse
		}
		t.add(f.Device, what, f.Model, f.MAC, f.Tier)
	}
	t.write(w, "")
	for i := range list {
		if f := &list[i]; f.Reason.En != "" {
			fmt.Fprintf(w, "%s\n  %s %s\n", f.Device, g.a.say(f.Reason.Zh, f.Reason.En), g.a.say(f.Fix.Zh, f.Fix.En))
		}
	}
}
