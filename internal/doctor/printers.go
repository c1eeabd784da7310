package doctor

import (
	"context"
	"errors"
	"os"
	"os/user"
	"runtime"
	"strings"
	"sync"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/vocabulary"
)

// checks name causes as findings, where several causes are one thing to look at.
var checks = map[diagnosis.Cause]string{diagnosis.NotFound: "unplugged", diagnosis.Unplugged: "unplugged", diagnosis.Broken: "unplugged", diagnosis.NoDriver: "no_driver",
	diagnosis.Permission: "permission", diagnosis.Sandbox: "permission", diagnosis.Firewall: "permission", diagnosis.Busy: "port_taken", diagnosis.Self: "port_taken",
	diagnosis.Refused: "refused", diagnosis.Reset: "refused", diagnosis.TimedOut: "unreachable", diagnosis.Unreachable: "unreachable", diagnosis.NoName: "unreachable",
	diagnosis.LocalName: "unreachable", diagnosis.NoNames: "unreachable", diagnosis.NoZone: "device", diagnosis.Unsupported: "device", diagnosis.Ambiguous: "device",
	diagnosis.NotSerial: "device", diagnosis.NotPrinter: "device", diagnosis.NoModem: "flow", diagnosis.Blocked: "flow", diagnosis.WrongSpeed: "baud",
	diagnosis.NoAnswer: "mute", diagnosis.Dark: "mute", diagnosis.OtherService: "mute", diagnosis.Stranger: "identity"}

// diagnosed adds a diagnosis of a printer.
func (x *examination) diagnosed(p config.Printer, d diagnosis.Diagnosis) {
	check := checks[d.Cause]
	if check == "" {
		check = "printer"
	}
	x.found = append(x.found, Finding{Check: check, Level: Problem, Subject: p.Name, What: d.What, Fix: d.Fix, Cause: d.Cause})
}

// printers looks at each configured printer that was asked for, at all of them at once.
func (x *examination) printers(ctx context.Context) {
	var each []*examination
	var running sync.WaitGroup
	for _, p := range x.o.Config.Printers {
		if x.o.Printer != "" && p.Name != x.o.Printer {
			continue
		}
		y := &examination{o: x.o, live: x.live, running: x.running, hidden: x.hidden}
		each = append(each, y)
		running.Go(func() {
			if ctx.Err() == nil && y.words(p) && !y.hidden {
				y.printer(ctx, p)
			}
		})
	}
	running.Wait()
	for _, y := range each {
		x.found = append(x.found, y.found...)
	}
	if len(each) == 0 && x.o.Printer != "" {
		x.add("printer", Problem, x.o.Printer, text("没有配置这台打印机", "this printer is not configured"), text("看有哪些：receiptd printer list", "see which there are: receiptd printer list"))
	}
}

// words looks at what the configuration says about a printer, without touching it.
func (x *examination) words(p config.Printer) bool {
	_, err := link.Parse(p.Device)
	var de *link.DeviceError
	if errors.As(err, &de) {
		zh, en := de.Text()
		fixZh, fixEn := de.Fix()
		x.add("device", Problem, p.Name, text(zh, en), text(fixZh, fixEn))
		return false
	}
	prof, err := profile.Load(p.Profile)
	if err != nil {
		x.add("profile", Problem, p.Name, text("没有这个型号："+p.Profile, "there is no profile "+p.Profile), text("看有哪些：receiptd printer list --profiles", "see which there are: receiptd printer list --profiles"))
		return false
	}
	if p.Font != "" {
		if _, err := raster.LoadOutline(p.Font); err != nil {
			x.add("font", Problem, p.Name, because("字体文件用不了：", "the font file cannot be used: ", err), text("改 font，或去掉它用内置字体", "correct font, or remove it to use the built-in one"))
			return false
		}
	}
	if strings.HasPrefix(x.o.Config.Shop.Locale, "zh") {
		x.chinese(p, prof)
	}
	x.display(p, prof)
	return true
}

// display names a cause of "sent, and no paper" that nothing shows: a customer display that shares the serial line.
func (x *examination) display(p config.Printer, prof *profile.Profile) {
	if !strings.HasPrefix(p.Device, string(link.Serial)+"://") || prof.Select || p.Select || p.SelectAfter != 0 {
		return
	}
	x.add("display", Hint, p.Name, text("如果客显和打印机共用这条串口线：客显程序会让打印机不收数据（ESC =），小票“已发送”却不出纸，从这里看不出", "if a customer display shares this serial line: its program can leave the printer deselected (ESC =), and slips are \"sent\" with no paper, which cannot be seen from here"),
		text("那就写 select = true；select_after = 2 把线还给客显", "then set select = true; select_after = 2 gives the line back to the display"))
}

// chinese says what only paper can tell: whether the printer's own characters are those of its profile.
func (x *examination) chinese(p config.Printer, prof *profile.Profile) {
	if !strings.HasPrefix(prof.Name, "generic") {
		return
	}
	x.add("chinese_font", Hint, p.Name, text("按通用型号打印：当作有 "+prof.TwoByte+" 汉字库，从这里看不出有没有、对不对", "the profile is a general one: the printer is taken to have a Chinese font for "+prof.TwoByte+", which cannot be seen from here"),
		text("打一张测试页看汉字：receiptd printer test "+p.Name+"；乱码就换型号，没有汉字库的用 western-80 或 western-58", "look at the Chinese of a test page: receiptd printer test "+p.Name+"; if it is garbled choose another profile; without a Chinese font: western-80 or western-58"))
}

// printer asks the daemon that has the printer, else the printer itself.
func (x *examination) printer(ctx context.Context, p config.Printer) {
	l, known := x.live[p.Name]
	if known && l.State != vocabulary.PrinterDown {
		if l.State == vocabulary.PrinterHeld {
			x.add("not_ready", Problem, p.Name, l.Text, text("看状态：receiptd printer status "+p.Name, "watch it: receiptd printer status "+p.Name))
			return
		}
		x.good("printer", p.Name, l.Text.Zh, l.Text.En)
		return
	}
	if known && l.Cause != "" { // the daemon has its port, and has found out why it cannot use it
		x.diagnosed(p, diagnosis.Diagnosis{Cause: l.Cause, What: l.What, Fix: l.Fix})
		return
	}
	conn, err := x.o.Open(ctx, p.Device)
	if err != nil {
		x.unopened(p, err)
		return
	}
	defer conn.Close()
	if !x.identity(p, conn) {
		return
	}
	if who, group, ok := serviceMayOpen(p.Device); !ok {
		x.add("permission", Problem, p.Name, text("服务的用户 "+who+" 没有权限打开这个设备", "the service's user "+who+" may not open the device"),
			text("运行："+hint.JoinDevice(group, who)+"，再 "+hint.Restart(), "run: "+hint.JoinDevice(group, who)+", then "+hint.Restart()))
		return
	}
	if !conn.Caps().BackChannel {
		x.add("no_back_channel", Warning, p.Name, text("这种连接收不到打印机的回答：小票只能是“已发送”，没有打印证明", "nothing can come back over this link: slips stay \"sent\", without proof"),
			text("能改就改成 tcp://、serial://、usb://（Windows 用 usbprint://）直连", "if you can, connect it directly: tcp://, serial://, usb:// (on Windows usbprint://)"))
		return
	}
	x.answers(ctx, p, conn)
}

// identity shows which device answers at a network address, and finds out another than the configuration names; false for that.
func (x *examination) identity(p config.Printer, conn link.Conn) bool {
	if !strings.HasPrefix(p.Device, string(link.TCP)+"://") {
		return true
	}
	mac, err := link.HardwareAddr(conn)
	want, mine := strings.CutPrefix(p.Identity, "mac:")
	switch {
	case !mine && err == nil && p.Identity == "":
		x.add("identity", Hint, p.Name, text("这个地址上的设备是 mac:"+mac.String(), "the device at this address is mac:"+mac.String()),
			text("给打印机设固定地址；不让小票打到别的设备上，就写 identity = \"mac:"+mac.String()+"\"", "give it a fixed address; to keep slips from any other device set identity = \"mac:"+mac.String()+"\""))
	case !mine:
	case err != nil:
		x.add("identity", Problem, p.Name, because("认不出这个地址上是哪台设备：", "it is not known which device is at this address: ", err),
			text("mac: 只在同一个网段里有用；去掉 identity，或改用 serial:", "mac: works within one network only; remove identity, or use serial:"))
		return false
	case !strings.EqualFold(want, mac.String()):
		x.add("identity", Problem, p.Name, text("这个地址上是另一台设备："+mac.String(), "another device is at this address: "+mac.String()),
			text("给打印机设固定地址并改 device；换了打印机就写 identity = \"mac:"+mac.String()+"\"", "give printers fixed addresses and correct device; if the printer was replaced set identity = \"mac:"+mac.String()+"\""))
		return false
	}
	return true
}

// unopened tells why a device does not open.
func (x *examination) unopened(p config.Printer, err error) {
	x.diagnosed(p, diagnosis.Of(p.Device, err, diagnosis.Options{Printer: p.Name, Holder: x.holder}))
}

// holder finds who has a device open. A daemon that answers says on which it prints.
func (x *examination) holder(path string) (diagnosis.Holder, bool) {
	h, ok := diagnosis.WhoHas(path)
	for _, l := range x.live {
		if d, err := link.Parse(l.Device); err == nil && d.Path == path && l.Cause != diagnosis.Busy && (!ok || h.Self) {
			h.Self, h.Printer, ok = true, l.Name, true
		}
	}
	return h, ok
}

func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "?"
}

// serviceMayOpen tells, when an administrator asks, whether the service's user may open a device node.
func serviceMayOpen(device string) (who, group string, ok bool) {
	d, err := link.Parse(device)
	if err != nil || runtime.GOOS == "windows" || !strings.HasPrefix(d.Path, "/") {
		return "", "", true
	}
	st, err := os.Stat(d.Path)
	if err != nil {
		return "", "", true
	}
	group = "lp"
	if d.Scheme == link.Serial {
		group = "dialout"
	}
	who, ok = serviceMayWrite(st)
	return who, group, ok
}
