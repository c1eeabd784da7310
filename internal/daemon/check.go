package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/receiptd/receiptd/capture/line"
	"github.com/receiptd/receiptd/capture/rules"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/internal/config"
	inwords "github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

// Check is the config.Check of a configuration that Run and a reload take: devices, profiles and fonts that can be used. It opens no
// device. No printer at all is right: receiptd then runs, says so, and keeps what it takes until there is one.
func Check(c *config.Config, wrong func(key, zh, en string)) {
	if _, err := templates.LoadLogo(c.Slip.Logo); err != nil {
		zh, en := templates.LogoProblem(c.Slip.Logo, err)
		wrong("slip.logo", zh, en)
	}
	checkNotify(c, wrong)
	checkNames(c, wrong)
	if _, err := mqtt.ParseBroker(c.Fleet.Broker); c.Fleet.On() && err != nil {
		wrong("fleet.broker", "要写成 tls://主机:8883 或 wss://主机/路径，不带用户名和密码", "is written tls://HOST:8883 or wss://HOST/PATH, without a user or a password")
	}
	for i, p := range c.Captures {
		var m *rules.Mistake
		if _, err := loadRules(p.Rules); errors.As(err, &m) {
			wrong(fmt.Sprintf("capture[%d].rules", i), m.Text.Zh, m.Text.En)
		}
		checkPort(c, p, func(zh, en string) { wrong(fmt.Sprintf("capture[%d].listen", i), zh, en) })
	}
	names := map[link.Device]string{}
	for i, p := range c.Printers {
		key := fmt.Sprintf("printer[%d].", i)
		checkPrinter(p, func(k, zh, en string) { wrong(key+k, zh, en) })
		d, err := link.Parse(p.Device)
		if err != nil {
			continue
		}
		at := place(d)
		if other, ok := names[at]; ok {
			wrong(key+"device", fmt.Sprintf("打印机 %s 已经用了这个设备；一台设备只写一段", other), fmt.Sprintf("printer %s has this device; write one section for one device", other))
			continue
		}
		names[at] = p.Name
	}
}

// checkPort looks at a serial port in a printer's place.
func checkPort(c *config.Config, p config.Capture, wrong func(zh, en string)) {
	if !strings.HasPrefix(p.Listen, line.Serial) {
		return
	}
	d, err := link.Parse(p.Listen)
	var de *link.DeviceError
	if errors.As(err, &de) {
		zh, en := de.Text()
		wrong(zh, en)
		return
	}
	for _, x := range c.Printers {
		if other, err := link.Parse(x.Device); err == nil && other.Scheme == link.Serial && other.Path == d.Path {
			wrong(fmt.Sprintf("%s 是打印机 %s 的串口；软件的线要接另一个口", d.Path, x.Name), fmt.Sprintf("%s is the port of the printer %s; the software's cable needs another", d.Path, x.Name))
		}
	}
}

// place is what tells two devices apart, without the way of talking to it.
func place(d link.Device) link.Device {
	return link.Device{Scheme: d.Scheme, Address: d.Address, Path: d.Path, VID: d.VID, PID: d.PID, SerialNo: d.SerialNo, Port: d.Port, Queue: d.Queue}
}

// checkIdentity looks whether the link can tell of what is to identify the printer.
func checkIdentity(p config.Printer, wrong func(key, zh, en string)) {
	if p.Identity == "" {
		return
	}
	id, err := printer.ParseIdentity(p.Identity)
	if err != nil {
		wrong("identity", `要写成 "mac:00:26:ab:01:02:03"、"usb:序列号" 或 "serial:序列号"；型号认不出是哪一台`, `is written "mac:00:26:ab:01:02:03", "usb:SERIAL" or "serial:NUMBER"; a model identifies nobody`)
		return
	}
	d, _ := link.Parse(p.Device) // read before
	switch {
	case id.Kind == "mac" && d.Scheme != link.TCP:
		wrong("identity", "mac: 只用于网络打印机 tcp://", "mac: is for network printers, tcp://")
	case id.Kind == "usb" && d.Scheme != link.USB:
		wrong("identity", "usb: 只用于 usb://；Windows 上写在地址里：usbprint://VID:PID/序列号", "usb: is for usb://; on Windows it stands in the device: usbprint://VID:PID/SERIAL")
	case id.Kind == "serial" && (d.Scheme == link.Windows || p.Proof == "D"):
		wrong("identity", "serial: 要问打印机，打印队列和 proof = \"D\" 问不了", "serial: asks the printer, which a print queue and proof = \"D\" cannot")
	}
}

func checkPrinter(p config.Printer, wrong func(key, zh, en string)) {
	_, err := link.Parse(p.Device)
	var de *link.DeviceError
	if errors.As(err, &de) {
		zh, en := de.Text()
		fixZh, fixEn := de.Fix()
		wrong("device", zh+"；"+fixZh, en+"; "+fixEn)
	}
	if err == nil {
		checkIdentity(p, wrong)
	}
	prof, err := profile.Load(p.Profile)
	if err != nil {
		zh, en := inwords.Meant(p.Profile, profile.Names())
		wrong("profile", fmt.Sprintf("没有型号 %q%s；看有哪些：receiptd printer list --profiles", p.Profile, zh), fmt.Sprintf("there is no profile %q%s; see which there are: receiptd printer list --profiles", p.Profile, en))
	} else if _, err := prof.WithColumns(p.Width); err != nil {
		var wide *profile.WidthError
		if errors.As(err, &wide) {
			wrong("width", wide.Zh(), wide.Error())
		}
	} else if p.Feed != 0 && prof.Cutter != "" {
		wrong("feed", "型号 "+p.Profile+" 有切刀，自己走到切刀的位置；feed 只用于手撕纸的打印机", "profile "+p.Profile+" has a cutter, which feeds to its own place; feed is for printers whose paper is torn off")
	}
	if err == nil && p.OnPaperOut == "restart" && !prof.ClearDC4 {
		wrong("on_paper_out", "型号 "+p.Profile+" 不能保证清掉打印机里剩下的内容，换纸后会接着打；去掉这一行，或写 resume",
			"profile "+p.Profile+" cannot clear for sure what is left in the printer, which goes on after a change of paper; leave this line out, or write resume")
	}
	if p.Font == "" {
		return
	}
	_, err = raster.LoadOutline(p.Font)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		wrong("font", "没有这个字体文件："+p.Font, "there is no such font file: "+p.Font)
	case errors.Is(err, fs.ErrPermission):
		wrong("font", "没有权限读字体文件："+p.Font, "no permission to read the font file "+p.Font)
	default:
		wrong("font", "不是能用的 TTF、OTF 或 TTC 字体："+p.Font, "not a TTF, OTF or TTC font that can be used: "+p.Font)
	}
}
