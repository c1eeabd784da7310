package doctor

import (
	"context"
	"net"
	"strings"
	"time"
)

// captures tries the ports that take the place of a printer: somebody must listen there while receiptd runs, and nobody else before.
func (x *examination) captures(ctx context.Context) {
	if x.hidden {
		return
	}
	for _, c := range x.o.Config.Captures {
		addr, tcp := strings.CutPrefix(c.Listen, "tcp://")
		if !tcp {
			continue
		}
		if x.running {
			d := net.Dialer{Timeout: 2 * time.Second}
			conn, err := d.DialContext(ctx, "tcp", addr)
			if err != nil {
				x.add("capture", Problem, c.Name, text(addr+" 没有人在听，软件打不出来", "nobody listens at "+addr+": the software cannot print"),
					text("改过配置的话重启 receiptd，再看日志", "restart receiptd where the configuration was changed, then look at its log"))
				continue
			}
			conn.Close()
			x.good("capture", c.Name, addr+" 收软件打印的小票，交给 "+c.Printer, "takes slips of software at "+addr+" for "+c.Printer)
			continue
		}
		var l net.ListenConfig
		ln, err := l.Listen(ctx, "tcp", addr)
		if err != nil {
			x.add("capture", Problem, c.Name, because(addr+" 用不了：", addr+" cannot be used: ", err),
				text("关掉占用这个端口的程序，或在 [[capture]] listen 写另一个端口，软件里也改", "end the program that has this port, or write another one in listen of [[capture]], and tell the software"))
			continue
		}
		ln.Close()
	}
}
