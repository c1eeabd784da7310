//go:build !windows

package diagnosis

import (
	"fmt"
	"os/user"
	"strings"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/vocabulary"
)

func noDriver(Case) (what, fix vocabulary.Text) {
	return text("打印机已接上，但系统的打印驱动没有接管", "the printer is plugged in, but the system's printer driver does not serve it"),
		text("运行：sudo modprobe usblp；仍不行时把打印机的 USB 模式设为“打印机类”", "run: sudo modprobe usblp; if that does not help, set the printer's USB mode to printer class")
}

func sandbox(c Case) (what, fix vocabulary.Text) {
	return text("系统服务不让 receiptd 打开这个设备（systemd 的 DeviceAllow）", "the system service keeps receiptd from this device (DeviceAllow of systemd)"),
		text("运行 sudo systemctl edit receiptd，写两行 [Service] 和 DeviceAllow="+c.node()+" rw，再 "+hint.Restart(), "run sudo systemctl edit receiptd, write the two lines [Service] and DeviceAllow="+c.node()+" rw, then "+hint.Restart())
}

// holder says who has the device, as far as it is known; false where nothing is.
func holder(c Case) (what, fix vocabulary.Text, ok bool) {
	node, h := c.Device.Path, c.Holder
	switch {
	case h != nil && strings.HasPrefix(h.Program, "cups") || h != nil && h.Program == "usb":
		return text(fmt.Sprintf("打印系统 CUPS 占着设备（%s，进程 %d）", h.Program, h.PID), fmt.Sprintf("the print system CUPS has the device (%s, process %d)", h.Program, h.PID)),
			text("删掉它的队列：lpstat -v 看队列名，再 sudo lpadmin -x 队列名", "remove its queue: lpstat -v shows its name, then sudo lpadmin -x QUEUE"), true
	case h != nil:
		return text(fmt.Sprintf("设备正被 %s（进程 %d）占用", h.Program, h.PID), fmt.Sprintf("%s (process %d) has the device", h.Program, h.PID)),
			text("关掉那个程序；它是系统服务就停掉："+hint.Service(h.PID), "close that program; if it is a service, stop it: "+hint.Service(h.PID)), true
	case strings.HasPrefix(node, "/"):
		return text("设备正被别的程序占用", "another program has the device"), text("看是谁占用："+hint.Holder(node)+"；若是 CUPS，删掉它的队列：sudo lpadmin -x 队列名",
			"see who has it: "+hint.Holder(node)+"; if it is CUPS, remove its queue: sudo lpadmin -x QUEUE"), true
	}
	return vocabulary.Text{}, vocabulary.Text{}, false
}

// permission names the group that the device node belongs to, when joining it helps.
func permission(c Case) (what, fix vocabulary.Text) {
	who := userName()
	what = text("用户 "+who+" 没有权限打开这个设备", "the user "+who+" may not open the device")
	if !strings.HasPrefix(c.Device.Path, "/") {
		return what, text("用管理员身份运行一次，或让管理员给权限", "run it once as administrator, or ask for the right")
	}
	group, ok := nodeGroup(c.Device.Path)
	if !ok {
		group = "lp"
		if c.Device.Scheme == link.Serial {
			group = "dialout"
		}
		rule := fmt.Sprintf("sudo chgrp %s %s && sudo chmod 660 %s", group, c.Device.Path, c.Device.Path)
		return what, text("运行："+rule+"（重新插拔后失效；长期要写 udev 规则）", "run: "+rule+" (until it is plugged in again; a udev rule makes it last)")
	}
	join := hint.JoinDevice(group, who)
	if who != daemonUser {
		return what, text("运行："+join+"，再重新登录", "run: "+join+", then log in again")
	}
	return what, text("运行："+join+"，再 "+hint.Restart(), "run: "+join+", then "+hint.Restart())
}

// daemonUser is who the service runs as.
const daemonUser = "receiptd"

// userName is who needs the right: this user, or the daemon's when an administrator asks.
func userName() string {
	if u, err := user.Current(); err == nil && u.Uid != "0" && u.Username != "" {
		return u.Username
	}
	return daemonUser
}
