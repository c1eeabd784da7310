package doctor

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
)

// renewBefore is how long before its end a certificate is told of.
const renewBefore = 30 * 24 * time.Hour

// fleet tells of the shop's certificate, and of a connection that does not stand.
func (x *examination) fleet(ctx context.Context) {
	f := &x.o.Config.Fleet
	if !f.On() {
		return
	}
	again := "receiptd fleet enroll " + f.Shop + " --renew"
	c, err := enroll.Leaf(f.Cert)
	switch {
	case err != nil:
		x.add("fleet", Warning, f.Cert, text("本店的证书读不到："+err.Error(), "this shop's certificate cannot be read: "+err.Error()),
			text("把总部给的文件放到那里，让 receiptd 的用户能读", "put the file that the centre gave there, readable by receiptd's user"))
		return
	case c.Name != f.Shop:
		x.add("fleet", Warning, f.Cert, text("证书是 "+c.Name+" 的，配置写的是 "+f.Shop, "the certificate is "+c.Name+"'s, and the configuration says "+f.Shop),
			text("改 fleet.shop，或换上本店的证书", "correct fleet.shop, or use this shop's certificate"))
		return
	case c.Until.Before(x.o.Now().Add(renewBefore)):
		x.add("fleet", Warning, f.Cert, text("证书 "+c.Until.Format(time.DateOnly)+" 到期", "the certificate ends on "+c.Until.Format(time.DateOnly)),
			text("在总部运行："+again, "at the centre, run: "+again))
	}
	if !x.running || x.o.Fleet == nil {
		return
	}
	live, err := x.o.Fleet(ctx)
	switch {
	case err != nil || !live.On: // a daemon that does not answer is told of by the call before
	case live.Failure != "":
		x.add("fleet", Warning, f.Broker, text("连不上总部："+live.Text.Zh, "the fleet is not reached: "+live.Text.En),
			text("店里照常打印；改好后看：receiptd fleet status", "the shop prints on; once that is mended look at: receiptd fleet status"))
	case live.Connected:
		x.good("fleet", f.Broker, "已连上总部", "connected to the fleet")
	}
}
