package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/hint"
)

// network tells how the page stands on the shop's network, where the shop wants it there.
func (x *examination) network(ctx context.Context) {
	if !x.running || x.o.LAN == nil || !x.o.Config.HTTP.LAN {
		return
	}
	lan, err := x.o.LAN(ctx)
	if err != nil {
		return // a daemon that does not answer is told of by the call before
	}
	restart := text("重新启动："+hint.Restart(), "restart: "+hint.Restart())
	switch {
	case !lan.On:
		x.add("lan", Problem, "", text("局域网页面没有开：配置改了还没有重新启动，或 devices.json 读不了（见日志）", "the page is not on the network: receiptd was not restarted since, or devices.json cannot be read (see the log)"), restart)
		return
	case lan.Problem != "":
		x.add("lan", Problem, "", text("局域网页面有问题："+lan.Problem, "the page on the network: "+lan.Problem),
			text("改好 [http] 的 lan_listen 或 cert_file；查看：receiptd config check、"+hint.Ports(), "mend lan_listen or cert_file in [http]; see: receiptd config check, "+hint.Ports()))
	case len(lan.Links) == 0:
		x.add("lan", Warning, "", text("收银机现在没有局域网地址，平板打不开页面", "this machine has no address on a network now, so no tablet reaches the page"), text("接上网络", "connect it to the network"))
	default:
		x.good("lan", lan.Links[0], "平板可以打开页面", "tablets can open the page")
	}
	if left := lan.Until.Sub(x.o.Now()); !lan.Until.IsZero() && left < 14*24*time.Hour {
		x.add("lan", Warning, "", text("局域网页面的证书到 "+lan.Until.Format(time.DateOnly)+" 为止", "the certificate of the page ends on "+lan.Until.Format(time.DateOnly)),
			text("换新 [http] cert_file 的证书；自己的证书会自己换新，看看机器的时间对不对", "renew the certificate of [http] cert_file; an own one renews itself, so see whether this machine's clock is right"))
	}
	for _, entry := range lan.Allow {
		_, name, one := strings.Cut(entry, ":")
		if one && !slices.ContainsFunc(lan.Devices, func(d api.Device) bool { return d.Name == name }) {
			x.add("lan", Hint, entry, text("[http] lan_allow 里写的设备没有配对过", "[http] lan_allow names a device that is not paired"),
				text("改名字，或用这个名字配对；看有哪些：receiptd device list", "mend the name, or pair a device under it; see which there are: receiptd device list"))
		}
	}
	if lan.Own && len(lan.Missing) > 0 {
		x.add("lan", Hint, strings.Join(lan.Missing, ", "), text("证书不含这些名字或地址，用它们打开时浏览器会警告", "the certificate lacks these names or addresses: under them a browser warns"),
			text("在路由器里给收银机固定地址，或生成新的根证书（设备要重新信任）：receiptd device authority --new", "give the till a fixed address in the router, or make a new authority (devices trust anew): receiptd device authority --new"))
	}
}
