//go:build !windows

package hint

import (
	"fmt"
	"strings"
)

// plain are the letters of a path that a shell takes as it is.
const plain = letters + "/%"

func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

// Admin is a command as an administrator runs it.
func Admin(command string) string { return "sudo " + command }

// Start starts the service.
func Start() string { return "sudo systemctl start receiptd" }

// Stop stops the service.
func Stop() string { return "sudo systemctl stop receiptd" }

// Restart stops the service and starts it.
func Restart() string { return "sudo systemctl restart receiptd" }

// Log shows the end of the service's log.
func Log() string { return "journalctl -u receiptd -n 50" }

// Look shows a file or folder with its rights.
func Look(path string) string { return "ls -ld " + quoted(path) }

// LookInside lists a folder with the rights of what it holds.
func LookInside(dir string) string { return "ls -la " + quoted(dir) }

// MoveAway gives a path free.
func MoveAway(path string) string { return "sudo mv " + quoted(path) + " " + quoted(path+".old") }

// Close takes from others the right to write into a folder.
func Close(dir string) string { return "sudo chmod g-w,o-w " + quoted(dir) }

// Give hands a folder to a user.
func Give(who, dir string) string { return "sudo chown -R " + who + ":" + who + " " + quoted(dir) }

// Make makes a folder for a user.
func Make(who, mode, dir string) string {
	return "sudo install -d -o " + who + " -g " + who + " -m " + mode + " " + quoted(dir)
}

// Join lets a user write where programs of the shop may.
func Join(who string) (zh, en string) {
	command := "sudo usermod -aG receiptd " + who
	return "加入组后重新登录：" + command, "join the group, then log in again: " + command
}

// JoinDevice lets a user open devices of a group.
func JoinDevice(group, who string) string { return "sudo usermod -aG " + group + " " + who }

// Readable makes a file readable for the service.
func Readable(file string) string { return "chmod g+r " + quoted(file) }

// Room shows how full a disk is.
func Room(dir string) string { return strings.TrimSpace("df -h " + quoted(dir)) }

// Files shows how many files a disk may still hold.
func Files(dir string) string { return "df -i " + quoted(dir) }

// Clean removes old logs of the system.
func Clean() (zh, en string) {
	return "清理系统日志：sudo journalctl --vacuum-size=200M", "clear old system logs: sudo journalctl --vacuum-size=200M"
}

// Backup copies a folder of data as it is.
func Backup(dir string) string { return "sudo cp -a " + quoted(dir) + " /root/receiptd-data" }

// Ports shows which program listens at which address.
func Ports() string { return "sudo ss -ltnp" }

// Holder shows which program has a file open.
func Holder(path string) string { return "sudo fuser -v " + quoted(path) }

// Service shows which service a process belongs to.
func Service(pid int) string { return fmt.Sprintf("systemctl status %d", pid) }

// Disks shows what is mounted, and what went wrong with it.
func Disks() string { return "mount; dmesg | tail" }

// Devices shows what went wrong with devices.
func Devices() string { return "sudo dmesg | tail" }

// Clock sets the time.
func Clock() (zh, en string) {
	return "校正时间：sudo timedatectl set-ntp true（树莓派等没有电池时钟的机器，联网后才准）", "set the time: sudo timedatectl set-ntp true (a machine without a battery clock, like a Raspberry Pi, needs the network for it)"
}

// Firewall shows its rules.
func Firewall() string { return "sudo nft list ruleset" }

// Cards shows network cards, and Card is one as an address names it.
func Cards() string { return "ip link" }

// Card is a network card as an IPv6 address names it.
func Card() string { return "eth0" }

// SerialDevice is a serial printer's device in a configuration.
func SerialDevice() string { return "serial:///dev/ttyUSB0?baud=9600" }

// SerialForm is the shape of it.
func SerialForm() (zh, en string) {
	return "三条斜线：serial:///dev/...", "three slashes: serial:///dev/..."
}

// USBForm is the shape of a USB printer's device.
func USBForm() string { return "usb:///dev/usb/lp0 | usb://04b8:0202[/SERIAL][?port=1-1.4]" }

// DeviceForms are the shapes of all devices.
func DeviceForms() string {
	return "tcp://... serial:///dev/... usb:///dev/usb/lp0 usb://VID:PID usbprint://VID:PID windows://QUEUE"
}

// DataFolder is where a journal may lie.
func DataFolder() string { return "/var/lib/receiptd" }

// LogFolder is where a log file may lie.
func LogFolder() string { return "/var/log/receiptd" }

// Config is where the configuration usually lies, Templates where the overrides of templates do.
func Config() string { return "/etc/receiptd/receiptd.toml" }

// Templates names templates, as an example.
func Templates() string { return "/etc/receiptd/templates/*.receipt" }

// Post sends JSON to an address.
func Post(json, url string) string { return "curl -d '" + json + "' " + url }

// Copy puts a file into a folder.
func Copy(file, dir string) string { return "cp " + quoted(file) + " " + quoted(dir) + "/" }

// Run is a command in quotes where the command line needs them to find the program.
func Run(program string) string { return quoted(program) }

// Open lets programs of the shop write into the drop folder.
func Open(dir string) string { return "chmod 2770 " + quoted(dir) }

// NeedRights says who may do what was refused.
func NeedRights() (zh, en string) {
	return "没有权限；请用 sudo，或以 receiptd 用户运行：", "no permission; use sudo, or run as the user receiptd: "
}

// NeedAdmin says that a command wants an administrator.
func NeedAdmin(command string) (zh, en string) {
	return "要管理员权限：" + Admin(command), "this needs an administrator: " + Admin(command)
}

// End is what ends a program in the foreground.
func End() string { return "Ctrl-C / SIGTERM" }

// Reload is how a changed configuration is read at once.
func Reload() (zh, en string) { return "（发 SIGHUP 马上换）", " (at once with SIGHUP)" }

// MoreListen is a further place where the virtual printer may listen.
func MoreListen() string { return " [--listen pty:///tmp/tty0]" }

// Hidden says that the service cannot see a path, and what to do.
func Hidden(path string) (zh, en string) {
	return "系统服务看不到 " + path + "：/home、/root、/run/user、/tmp、/var/tmp 对它是关着的。\n配置放到 /etc/receiptd/，文件夹放到 /var 或 /srv 下，再装一次。",
		"the system service cannot see " + path + ": /home, /root, /run/user, /tmp and /var/tmp are closed to it.\nPut the configuration into /etc/receiptd/ and the folders below /var or /srv, then install again."
}

// NotHidden says where the service sees what it needs.
func NotHidden() (zh, en string) {
	return "配置放到 /etc/receiptd/，文件夹放到 /var 或 /srv 下", "put the configuration into /etc/receiptd/ and folders below /var or /srv"
}

// Packaged says how a program that a package brought goes again.
func Packaged() (zh, en string) {
	return "receiptd 是用软件包安装的：sudo apt remove receiptd（连配置一起删：sudo apt purge receiptd）或 sudo dnf remove receiptd。日志库保留。",
		"receiptd came with a package: sudo apt remove receiptd (with its configuration: sudo apt purge receiptd), or sudo dnf remove receiptd. The journal stays."
}

// AboutService tells of `receiptd service`.
func AboutService() (zh, en string) {
	return "让 receiptd 随系统启动：Linux 用 systemd，Windows 用服务管理器（实验性：只在 wine 里装过，没启动过）。要管理员权限。\n卸载不删配置、日志库和投递文件夹。",
		"Lets receiptd start with the system: systemd on Linux, the service manager on Windows (experimental: installed under wine\nonly). Needs an administrator. Uninstalling keeps configuration, journal and drop folder."
}

// AboutInstall tells of `receiptd service install`.
func AboutInstall() (zh, en string) {
	return "写好服务、udev 规则、用户，建配置里还没有的文件夹（属主和权限都设好）。已有的文件夹不改；服务的用户用不了时\n不安装，给出命令。--dry-run 只显示要写什么，不要权限。",
		"Writes the unit, udev rules and the user, and makes the folders of the configuration that are missing, with owner and\nmode. A folder that is there is left as it is: where the service's user cannot use it nothing is installed, and the\ncommand that mends it is shown. --dry-run only shows what would be written, and needs no permission."
}

// Set gives a variable of the environment a value, for the commands that follow.
func Set(name, value string) string { return "export " + name + "=" + quoted(value) }

// Private closes a file to everybody but its owner.
func Private(file string) string { return "chmod 600 " + quoted(file) }

// Pipe gives a named pipe its rights, and the group that writes into it where there is one.
func Pipe(path, group string) string {
	rights := "sudo chmod 0620 " + quoted(path)
	if group == "" {
		return rights
	}
	return "sudo chgrp " + quoted(group) + " " + quoted(path) + " && " + rights
}
