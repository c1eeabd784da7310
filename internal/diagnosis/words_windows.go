package diagnosis

import (
	"fmt"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/vocabulary"
)

func noDriver(Case) (what, fix vocabulary.Text) {
	return text("打印机已接上，但 Windows 没有给它装 USB 打印驱动", "the printer is plugged in, but Windows has no USB printer driver for it"),
		text("在设备管理器里更新它的驱动，或把打印机的 USB 模式设为“打印机类”", "update its driver in the device manager, or set the printer's USB mode to printer class")
}

func sandbox(Case) (what, fix vocabulary.Text) {
	return text("系统不让 receiptd 打开这个设备", "the system keeps receiptd from this device"), text("让它作为服务运行："+hint.Start(), "let it run as a service: "+hint.Start())
}

// holder says who has the device, as far as it is known; false where nothing is.
func holder(c Case) (what, fix vocabulary.Text, ok bool) {
	h := c.Holder
	if h == nil {
		return vocabulary.Text{}, vocabulary.Text{}, false
	}
	return text(fmt.Sprintf("设备正被 %s（进程 %d）占用", h.Program, h.PID), fmt.Sprintf("%s (process %d) has the device", h.Program, h.PID)),
		text("关掉那个程序；它是系统服务就停掉："+hint.Service(h.PID), "close that program; if it is a service, stop it: "+hint.Service(h.PID)), true
}

// permission is refused where another program has the device, too: Windows says the same.
func permission(Case) (what, fix vocabulary.Text) {
	return text("没有权限打开这个设备，或别的程序占着它", "the device may not be opened, or another program has it"),
		text("关掉占用它的程序；仍不行就让 receiptd 作为服务运行："+hint.Start(), "close the program that has it; if that does not help let receiptd run as a service: "+hint.Start())
}
