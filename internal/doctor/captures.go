package doctor

import (
	"context"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/config"
)

// captures tries the ports that take the place of a printer: somebody must listen there while receiptd runs, and nobody else before.
func (x *examination) captures(ctx context.Context) {
	if x.hidden {
		return
	}
	for _, c := range x.o.Config.Captures {
		addr, tcp := strings.CutPrefix(c.Listen, "tcp://")
		if !tcp {
			x.captureFile(c)
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

// captureFile looks at a pipe, a pseudo-terminal's link or a serial port: programs print into whatever stands there.
func (x *examination) captureFile(c config.Capture) {
	scheme, path, _ := strings.Cut(c.Listen, "://")
	path, _, _ = strings.Cut(path, "?")
	if scheme == "serial" {
		return // the daemon has it, and tells in its log why not
	}
	want := map[string]fs.FileMode{"fifo": fs.ModeNamedPipe, "pty": fs.ModeSymlink}[scheme]
	st, err := os.Lstat(path)
	switch {
	case err == nil && st.Mode().Type() != want:
		x.add("capture", Problem, c.Name, text(path+" 是别的文件：软件打的小票都写进了它，receiptd 收不到", path+" is another file: the software's slips go into it, and receiptd gets none"),
			text("看看里面有没有小票，再把它移走；receiptd 自己会建", "see whether slips are in it, then move it away; receiptd makes its own"))
	case err != nil && x.running:
		x.add("capture", Problem, c.Name, because(path+" 不在：", path+" is not there: ", err),
			text("改过配置的话重启 receiptd，再看日志", "restart receiptd where the configuration was changed, then look at its log"))
	case err == nil && x.running:
		x.good("capture", c.Name, path+" 收软件打印的小票，交给 "+c.Printer, "takes slips of software at "+path+" for "+c.Printer)
	}
}
