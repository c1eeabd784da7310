package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
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
	case err == nil && scheme == "fifo" && !x.pipeRights(c, path, st): // it has said so
	case err == nil && x.running:
		x.good("capture", c.Name, path+" 收软件打印的小票，交给 "+c.Printer, "takes slips of software at "+path+" for "+c.Printer)
	}
}

// pipeRights reports whether the software's group, and nobody else, may write to a pipe, and only receiptd read it; and says what is wrong.
func (x *examination) pipeRights(c config.Capture, path string, st fs.FileInfo) bool {
	const rights = 0o620
	has := groupOf(st)
	if st.Mode().Perm() == rights && (c.Group == "" || c.Group == has) {
		return true
	}
	zh, en := "", ""
	if c.Group != "" {
		zh, en = "用户组 "+c.Group+"、", "the group "+c.Group+" and "
	}
	is := fmt.Sprintf("%s %04o", has, st.Mode().Perm())
	by := hint.Pipe(path, c.Group)
	x.add("capture", Problem, c.Name, text(fmt.Sprintf("%s 的用户组和权限是 %s，应是%s权限 %04o：软件可能写不进去，或别人也能读写", path, is, zh, rights),
		fmt.Sprintf("%s has the group and rights %s, not %srights %04o: the software may not be able to print, or others may read or write", path, is, en, rights)),
		text("重启 receiptd，由它来设；不行就运行："+by, "restart receiptd, which sets them; where it does not, run: "+by))
	return false
}
