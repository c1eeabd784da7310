package diagnosis

import (
	"fmt"
	"net"
	"strings"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/vocabulary"
)

func text(zh, en string) vocabulary.Text { return vocabulary.Text{Zh: zh, En: en} }

// same gives words that depend on nothing.
func same(zh, en, fixZh, fixEn string) func(Case) (what, fix vocabulary.Text) {
	return func(Case) (vocabulary.Text, vocabulary.Text) { return text(zh, en), text(fixZh, fixEn) }
}

// words say of each cause what happened and what to do.
var words = map[Cause]func(Case) (what, fix vocabulary.Text){
	NotFound: notFound,
	NoName: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text("找不到主机名 "+c.host(), "the host name "+c.host()+" is not known"), text("查看主机名，或改写打印机自检页上的 IP 地址", "check the name, or write the IP address of the printer's self-test slip")
	},
	LocalName: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text("本机所在的网络里没有设备答应 "+c.host()+" 这个名字", "no device in this machine's networks answers to the name "+c.host()), text("看打印机开机、接上网了没有；不在同一个网段就改写自检页上的 IP 地址，并在路由器里固定它", "see that the printer is on and wired; if it is in another network write the IP address of its self-test slip, and have the router keep it")
	},
	NoNames:     same("查不了主机名：名称服务器（DNS）没有应答", "no name server (DNS) answers, so the host cannot be looked up", "查看这台机器的网络；最好改写 IP 地址，打印就不靠名称服务器", "check this machine's network; better write the IP address: printing then needs no name server"),
	NoZone:      same("这个 IPv6 地址（fe80::）只在一个网络里有效，没写是哪一个", "this IPv6 address (fe80::) counts in one network only, and does not say which", "在地址后写网卡名，例如 tcp://[fe80::1%"+hint.Card()+"]:9100（网卡："+hint.Cards()+"），或改写 IPv4 地址", "name the network card behind it, like tcp://[fe80::1%"+hint.Card()+"]:9100 (cards: "+hint.Cards()+"), or write the IPv4 address"),
	Permission:  permission,
	Sandbox:     sandbox,
	Firewall:    same("这台机器的防火墙或服务设置不让连接", "the firewall of this machine, or the service's settings, do not let the connection out", "放行到打印机的连接："+hint.Firewall(), "allow connections to the printer: "+hint.Firewall()),
	Busy:        busy,
	Self:        self,
	Refused:     refused,
	TimedOut:    unreachable("打印机在规定时间内没有应答：可能关着机，或地址变了", "no answer in time: the printer may be off, or have another address"),
	Unreachable: unreachable("到打印机的网络不通", "there is no network path to the printer"),
	Reset:       same("打印机一侧断开了连接：可能刚断电重启，或正被别的主机占用", "the printer's side broke the connection off: it may have lost power, or serve another host", "查看打印机电源；有的打印机同时只接一个连接，关掉占用它的软件", "check its power; some printers take one connection at a time, so close the program that holds it"),
	Unplugged: func(Case) (vocabulary.Text, vocabulary.Text) {
		return text("设备刚被拔掉，或打印机关了机", "the device was unplugged, or the printer switched off"), text("插好、开机；接上后会自动继续。查看："+scan, "plug it in and switch it on; it goes on by itself. To look: "+scan)
	},
	Broken: func(c Case) (vocabulary.Text, vocabulary.Text) {
		if c.Device.Scheme == link.Serial {
			return text("串口在，但读写出错：转接头没插好或坏了，或这个口没有硬件", "the port is there, and fails: its adapter is loose or broken, or there is no hardware behind it"), text("重新插一次转接头，换一个 USB 口再试；看看："+hint.Devices(), "plug the adapter in again, or into another USB port; look: "+hint.Devices())
		}
		return text("设备在，但读写出错：打印机刚关机，或线没插好", "the device is there, and fails: the printer was just switched off, or its cable is loose"), text("查看电源和数据线，重新插一次；看看："+hint.Devices(), "check power and cable, plug it in again; look: "+hint.Devices())
	},
	NoRoom:      same("这台机器的资源用完了（打开的文件、内存或磁盘），打不开打印机", "this machine has run out of something (open files, memory, disk), so the printer does not open", "看日志和磁盘："+hint.Room("")+"；再重新启动 receiptd", "look at log and disk: "+hint.Room("")+"; then restart receiptd"),
	Unsupported: same("这种连接方式在本系统上不能用", "this kind of link does not exist on this system", "换一种连接方式：tcp、serial；Linux 用 usb，Windows 用 usbprint 或 windows", "use another kind of link: tcp or serial; usb on Linux, usbprint or windows on Windows"),
	NoDriver:    noDriver,
	Ambiguous: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text("有多台打印机符合："+c.Detail, "several printers match: "+c.Detail), text("在设备地址里写上序列号或 USB 口，见 "+scan, "name the serial number or the USB port in the device, see: "+scan)
	},
	NotSerial: same("这不是串口，或不支持所给的波特率等参数", "not a serial port, or it does not take these settings", "查看设备名和 baud、bits、parity；可用的串口见 "+scan, "check the path, baud, bits and parity; see the ports there are: "+scan),
	NoModem: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text("这个串口没有 DSR/CTS 信号线，不能用 flow="+string(c.Device.Flow), "this port has no DSR and CTS lines, so flow="+string(c.Device.Flow)+" cannot work"),
			text("在设备地址里写 flow=xonxoff（打印机也要这样设）或 flow=none", "put flow=xonxoff (and set the printer so) or flow=none into the device")
	},
	NotPrinter: same("这个设备不是 USB 打印机", "the device is not a USB printer", "查看设备名，运行："+scan, "check the path, run: "+scan),
	OtherService: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text("这个地址和端口上不是打印机，是别的服务（"+c.Detail+"）", "what answers at this address and port is no printer but another service ("+c.Detail+")"),
			text("查看打印机自检页上的地址和端口（通常 9100），不要写网页的端口", "check address and port on the printer's self-test slip (usually 9100); a web page's port is another one")
	},
	NoAnswer: noAnswer,
	Dark:     dark,
	Blocked: func(Case) (vocabulary.Text, vocabulary.Text) {
		return text("串口不让发送：打印机关着机，或线缆没接握手线（DSR/CTS）", "the line takes nothing: the printer is off, or the cable lacks the handshake wire (DSR or CTS)"),
			text("查电源；换全线缆，或把 device 改成 flow=none", "check its power; use a full cable, or change device to flow=none")
	},
	WrongSpeed: func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text(fmt.Sprintf("波特率不对：配置是 %d，打印机用的是 %s", c.Device.Baud, c.Detail), fmt.Sprintf("wrong baud: the configuration says %d, the printer speaks at %s", c.Device.Baud, c.Detail)),
			text("把 device 里的 baud 改成 "+c.Detail, "change baud in device to "+c.Detail)
	},
	Stranger: same("这个地址上是另一台设备，或认不出是哪一台：什么都没有发给它", "another device is at this address, or it does not tell which it is: nothing was sent to it",
		"给打印机设固定地址；换了打印机就改配置里的 identity（receiptd doctor 会显示现在是哪一台）", "give printers fixed addresses; after replacing the printer change its identity in the configuration (receiptd doctor shows which is there)"),
	Other: func(c Case) (vocabulary.Text, vocabulary.Text) {
		why, whyEn := "", ""
		if c.Detail != "" {
			why, whyEn = "："+c.Detail, ": "+c.Detail
		}
		return text("打不开设备"+why, "the device does not open"+whyEn), text("查看电源和连接线，再运行："+scan+"；不行就把 "+doctor(c)+" 的结果给技术人员", "check power and cable, then run: "+scan+"; if that does not help, show the result of "+doctor(c)+" to a technician")
	},
}

const scan = "receiptd printer scan"

func doctor(c Case) string {
	if c.Printer == "" {
		return "receiptd doctor"
	}
	return "receiptd doctor --printer " + c.Printer
}

// host is the printer's name or address in its network.
func (c Case) host() string {
	host, _, err := net.SplitHostPort(c.Device.Address)
	if err != nil {
		return c.Device.Address
	}
	return host
}

// node is what a command calls the device.
func (c Case) node() string {
	if c.Device.Path != "" {
		return c.Device.Path
	}
	return c.Device.String()
}

func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && strings.HasSuffix(strings.TrimSuffix(strings.ToLower(host), "."), ".local")
}

func notFound(c Case) (what, fix vocabulary.Text) {
	switch c.Device.Scheme {
	case link.Windows:
		return text(fmt.Sprintf("没有名为 %q 的打印队列", c.Device.Queue), fmt.Sprintf("there is no print queue %q", c.Device.Queue)),
			text("在“打印机和扫描仪”里查看队列名，或运行："+scan, "look the name up under Printers and scanners, or run: "+scan)
	case link.Serial:
		return text("没有这个串口 "+c.node()+"：转接头没插，或换了名字", "there is no port "+c.node()+": its adapter is unplugged, or has another name now"), text("插好转接头，查看有哪些串口："+scan, "plug the adapter in, and see which ports there are: "+scan)
	}
	return text("没有这个设备：打印机没接上或没开机", "no such device: the printer is unplugged or off"), text("查看电源和数据线，再运行："+scan, "check power and cable, then run: "+scan)
}

func busy(c Case) (what, fix vocabulary.Text) {
	if what, fix, ok := holder(c); ok {
		return what, fix
	}
	return text("设备正被别的程序占用", "another program has the device"), text("关掉占用打印机的程序，再试", "close the program that has the printer, then try again")
}

// self is for a device that receiptd has: nothing is wrong with that. A second receiptd, or a second section, would be.
func self(c Case) (what, fix vocabulary.Text) {
	if h := c.Holder; h != nil && h.Printer != "" {
		return text("正在运行的 receiptd 用着它（打印机 "+h.Printer+"）", "the running receiptd has it, for its printer "+h.Printer), text("不用处理；看它的状态：receiptd printer status "+h.Printer, "nothing to do; to see how it is: receiptd printer status "+h.Printer)
	}
	who, whoEn := "", ""
	if c.Holder != nil && c.Holder.PID > 0 {
		who, whoEn = fmt.Sprintf("（进程 %d）", c.Holder.PID), fmt.Sprintf(" (process %d)", c.Holder.PID)
	}
	return text("一个正在运行的 receiptd"+who+" 用着它", "a running receiptd"+whoEn+" has it"),
		text("看它的状态：receiptd printer status；同一台打印机不要写两个 [[printer]]，也不要运行两个 receiptd", "to see how it is: receiptd printer status; write one [[printer]] for each printer, and run one receiptd")
}

func refused(Case) (what, fix vocabulary.Text) {
	return text("主机在，但这个端口没有打印机应答", "the host is there, but no printer answers on that port"),
		text("查看打印机自检页上的地址和端口（通常 9100）；有的打印机同时只接一个连接，先关掉占用它的软件", "check address and port on the printer's self-test slip (usually 9100); some printers take one connection at a time, so close the program that holds it")
}

func unreachable(zh, en string) func(Case) (what, fix vocabulary.Text) {
	return func(c Case) (vocabulary.Text, vocabulary.Text) {
		return text(zh, en), text("查看打印机电源和网线，再试：ping "+c.host(), "check power and network cable, then try: ping "+c.host())
	}
}

// ports are those of services that are often found beside a printer's own.
var ports = map[string]string{"21": "FTP", "22": "SSH", "23": "telnet", "80": "HTTP", "443": "HTTPS", "515": "LPD", "631": "IPP", "8080": "HTTP", "8443": "HTTPS"}

// noAnswer is for a link that is open over which nothing comes back.
func noAnswer(c Case) (what, fix vocabulary.Text) {
	switch c.Device.Scheme {
	case link.Serial:
		return text(fmt.Sprintf("串口打开了，但打印机不回答：没开机、没联机、线没接好，或波特率不是 %d", c.Device.Baud), fmt.Sprintf("the port is open, but the printer does not answer: it is off or offline, the cable is loose, or its speed is not %d", c.Device.Baud)),
			text("查看电源和线；都好就找波特率："+hint.Stop()+"，再 "+doctor(c), "check power and cable; if both are good look for its speed: "+hint.Stop()+", then "+doctor(c))
	case link.TCP:
		_, port, _ := net.SplitHostPort(c.Device.Address) // it was parsed
		if name := ports[port]; name != "" {
			return text("连上了，但没有打印机回答；端口 "+port+" 通常是 "+name+"，不是打印口", "the connection is open, but no printer answers; port "+port+" is usually "+name+", not a printer's"),
				text("查看打印机自检页上的端口（通常 9100），改 device", "look for the port on the printer's self-test slip (usually 9100), and correct device")
		}
		return text("连上了，但打印机不回答：可能在缺纸脱机，或串口服务器后面的打印机关着机", "the connection is open, but the printer does not answer: it may be offline, or off behind a device server"),
			text("看打印机的电源、指示灯和纸；都好就查端口（通常 9100）", "look at its power, lamps and paper; if all is well check the port (usually 9100)")
	}
	return text("设备打开了，但打印机不回答：没开机、脱机，或只收不回", "the device is open, but the printer does not answer: it is off or offline, or never answers"),
		text("看打印机的电源、指示灯和纸；能打却从不回答就写 proof = \"D\"", "look at its power, lamps and paper; if it prints and never answers, set proof = \"D\"")
}

// dark is for a serial line on which nothing is on at the other end.
func dark(c Case) (what, fix vocabulary.Text) {
	if c.Device.Flow == link.FlowDTR || c.Device.Flow == link.FlowRTS {
		return text("串口上没有一根信号线是亮的：打印机关着机、脱机，或线没接好", "no signal of the serial line is on: the printer is off or offline, or the cable is loose"),
			text("打开打印机，插紧线；三根芯的线要写 flow=none", "switch it on and plug the cable in; a cable of three wires needs flow=none")
	}
	return text("串口上没有一根信号线是亮的：看不出打印机开没开（三根芯的线总是这样）", "no signal of the serial line is on: it cannot be told whether the printer is on (with a cable of three wires it never can)"),
		text("看打印机电源和线，打一张测试页：receiptd printer test "+c.Printer, "look at its power and cable, and print a test page: receiptd printer test "+c.Printer)
}

// sentence begins large and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
