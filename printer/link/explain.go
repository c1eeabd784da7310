package link

import (
	"fmt"
	"os/user"
	"strings"
)

// Text says what happened, for the shop.
func (e *OpenError) Text() (zh, en string) {
	d := e.Device
	switch e.Cause {
	case NotFound:
		switch d.Scheme {
		case TCP:
			return "找不到主机 " + d.Address, "host " + d.Address + " is not known"
		case Windows:
			return fmt.Sprintf("没有名为 %q 的打印队列", d.Queue), fmt.Sprintf("there is no print queue %q", d.Queue)
		}
		return "没有这个设备:打印机没接上或没开机", "no such device: the printer is unplugged or off"
	case Permission:
		return "没有权限打开这个设备", "this user may not open the device"
	case Busy:
		return "设备正被别的程序占用", "another program has the device"
	case Refused:
		return "主机在,但这个端口没有打印机应答", "the host is there, but no printer answers on that port"
	case TimedOut:
		return "打印机在规定时间内没有应答", "no answer in time"
	case Unreachable:
		return "到打印机的网络不通", "there is no network path to the printer"
	case Unsupported:
		return "这种连接方式在本系统上不能用", "this kind of link does not exist on this system"
	case NoDriver:
		return "打印机已接上,但系统的打印驱动没有接管", "the printer is plugged in, but the system's printer driver does not serve it"
	case Ambiguous:
		return "有多台打印机符合:" + e.Detail, "several printers match: " + e.Detail
	case NotSerial:
		return "这不是串口,或不支持所给的波特率等参数", "not a serial port, or it does not take these settings"
	case NoModem:
		return "这个串口没有 DSR/CTS 信号线,不能用 flow=" + string(d.Flow), "this port has no DSR and CTS lines, so flow=" + string(d.Flow) + " cannot work"
	case NotPrinter:
		return "这个设备不是 USB 打印机", "the device is not a USB printer"
	case Cancelled:
		return "已取消", "cancelled"
	}
	return "打不开设备", "the device does not open"
}

// Fix says what to do, with the command where one mends it.
func (e *OpenError) Fix() (zh, en string) {
	d := e.Device
	switch e.Cause {
	case NotFound:
		return fixNotFound(d)
	case Permission:
		return e.fixPermission()
	case Busy:
		return fixBusy(d)
	case Refused:
		return "查看打印机自检页上的地址和端口(通常 9100);有的打印机同时只接一个连接,先关掉占用它的软件",
			"check address and port on the printer's self-test slip (usually 9100); some printers take one connection at a time, so close the program that holds it"
	case TimedOut, Unreachable:
		host, _, _ := strings.Cut(d.Address, ":")
		return "查看打印机电源和网线,再试:ping " + host, "check power and network cable, then try: ping " + host
	case Unsupported:
		return "换一种连接方式:tcp、serial;Linux 用 usb,Windows 用 usbprint 或 windows",
			"use another kind of link: tcp or serial; usb on Linux, usbprint or windows on Windows"
	case NoDriver:
		return "运行:sudo modprobe usblp;仍不行时把打印机的 USB 模式设为“打印机类”",
			"run: sudo modprobe usblp; if that does not help, set the printer's USB mode to printer class"
	case Ambiguous:
		return "在设备地址里写上序列号或 USB 口,见 receiptd printer scan", "name the serial number or the USB port in the device, see: receiptd printer scan"
	case NotSerial:
		return "查看设备名和 baud、bits、parity;可用的串口见 receiptd printer scan", "check the path, baud, bits and parity; see the ports there are: receiptd printer scan"
	case NotPrinter:
		return "查看设备名,运行:receiptd printer scan", "check the path, run: receiptd printer scan"
	case NoModem:
		return "在设备地址里写 flow=xonxoff(打印机也要这样设)或 flow=none", "put flow=xonxoff (and set the printer so) or flow=none into the device"
	}
	return "稍后再试", "try again"
}

func fixNotFound(d Device) (zh, en string) {
	switch d.Scheme {
	case TCP:
		return "查看主机名,或改写 IP 地址", "check the host name, or write the IP address"
	case Windows:
		return "在“打印机和扫描仪”里查看队列名,或运行:receiptd printer scan", "look the name up under Printers and scanners, or run: receiptd printer scan"
	}
	return "查看电源和数据线,再运行:receiptd printer scan", "check power and cable, then run: receiptd printer scan"
}

func fixBusy(d Device) (zh, en string) {
	if d.Path == "" || !strings.HasPrefix(d.Path, "/") {
		return "关掉占用打印机的程序,再试", "close the program that has the printer, then try again"
	}
	return "看是谁占用:sudo fuser -v " + d.Path + ";若是 CUPS,删掉它的队列:sudo lpadmin -x 队列名",
		"see who has it: sudo fuser -v " + d.Path + "; if it is CUPS, remove its queue: sudo lpadmin -x QUEUE"
}

// fixPermission names the group that the device node belongs to, when joining it helps.
func (e *OpenError) fixPermission() (zh, en string) {
	if e.Device.Path == "" || !strings.HasPrefix(e.Device.Path, "/") {
		return "用管理员身份运行一次,或让管理员给权限", "run it once as administrator, or ask for the right"
	}
	group, ok := nodeGroup(e.Device.Path)
	if !ok {
		group = "lp"
		if e.Device.Scheme == Serial {
			group = "dialout"
		}
		rule := fmt.Sprintf("sudo chgrp %s %s && sudo chmod 660 %s", group, e.Device.Path, e.Device.Path)
		return "运行:" + rule + "(重新插拔后失效;长期要写 udev 规则)", "run: " + rule + " (until it is plugged in again; a udev rule makes it last)"
	}
	join := fmt.Sprintf("sudo usermod -aG %s %s", group, userName())
	return "运行:" + join + ",再重启 receiptd", "run: " + join + ", then restart receiptd"
}

// userName is who needs the right: this user, or the daemon's when an administrator asks.
func userName() string {
	if u, err := user.Current(); err == nil && u.Uid != "0" && u.Username != "" {
		return u.Username
	}
	return "receiptd"
}
