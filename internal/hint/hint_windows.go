package hint

import (
	"fmt"
	"path/filepath"
	"strings"
)

// plain are the letters of a path that cmd.exe takes as it is.
const plain = letters + `\%`

func quote(path string) string { return `"` + path + `"` }

// Admin is a command as an administrator runs it: in a command line that was started as administrator.
func Admin(command string) string { return command }

// Start starts the service.
func Start() string { return "receiptd service start" }

// Stop stops the service.
func Stop() string { return "receiptd service stop" }

// Restart stops the service and starts it.
func Restart() string { return "receiptd service stop & receiptd service start" }

// Log shows the service's log.
func Log() string { return `more "%ProgramData%\receiptd\log\receiptd.log"` }

// Look shows a file or folder with its rights.
func Look(path string) string { return "icacls " + quoted(path) }

// LookInside lists a folder with the owners of what it holds.
func LookInside(dir string) string { return "dir /a /q " + quoted(dir) }

// MoveAway gives a path free.
func MoveAway(path string) string { return "move " + quoted(path) + " " + quoted(path+".old") }

// Close takes from others the right to write into a folder. The number stands for all users in every language of Windows.
func Close(dir string) string {
	return "icacls " + quoted(dir) + " /inheritance:d /remove:g *S-1-5-32-545 *S-1-1-0 *S-1-5-11"
}

// Give lets a user write into a folder.
func Give(who, dir string) string { return "icacls " + quoted(dir) + ` /grant "` + who + `:(OI)(CI)M"` }

// Make makes a folder.
func Make(_, _, dir string) string { return "mkdir " + quoted(dir) }

// Join lets a user write where programs of the shop may.
func Join(who string) (zh, en string) {
	return "用管理员打开命令行再运行，或请管理员给 " + who + " 写的权限", "run it in a command line that was opened as administrator, or ask for the right to write for " + who
}

// JoinDevice lets a user open devices of a group: there are no such groups.
func JoinDevice(_, _ string) string { return "receiptd service install" }

// Readable makes a file readable for the service.
func Readable(file string) string { return "icacls " + quoted(file) + " /grant *S-1-5-18:R" }

// Room shows how full a disk is.
func Room(dir string) string {
	volume := filepath.VolumeName(dir)
	if volume == "" {
		volume = "%SystemDrive%"
	}
	return "fsutil volume diskfree " + quoted(volume)
}

// Files shows the same: there is no other limit.
func Files(dir string) string { return Room(dir) }

// Clean removes old files of the system.
func Clean() (zh, en string) { return "清理磁盘：cleanmgr", "clean the disk: cleanmgr" }

// Backup copies a folder of data as it is.
func Backup(dir string) string {
	return "robocopy " + quoted(strings.TrimRight(dir, `\`)) + ` "%USERPROFILE%\receiptd-data" /e`
}

// Ports shows which program listens at which address.
func Ports() string { return "netstat -ano" }

// Holder shows whether a receiptd runs: Windows does not tell who has a file without a further program.
func Holder(string) string { return `tasklist /fi "imagename eq receiptd.exe"` }

// Service shows which service a process belongs to.
func Service(pid int) string { return fmt.Sprintf(`tasklist /svc /fi "pid eq %d"`, pid) }

// Disks shows which shares are connected.
func Disks() string { return "net use" }

// Devices shows what went wrong with devices.
func Devices() string { return "eventvwr" }

// Clock sets the time.
func Clock() (zh, en string) { return "校正时间：w32tm /resync", "set the time: w32tm /resync" }

// Firewall shows its rules.
func Firewall() string { return "wf.msc" }

// Cards shows network cards.
func Cards() string { return "netsh interface ipv6 show interfaces" }

// Card is a network card as an IPv6 address names it.
func Card() string { return "12" }

// SerialDevice is a serial printer's device in a configuration.
func SerialDevice() string { return "serial://COM3?baud=9600" }

// SerialForm is the shape of it.
func SerialForm() (zh, en string) { return "例如 serial://COM3", "e.g. serial://COM3" }

// USBForm is the shape of a USB printer's device: the link of Linux, whose counterpart is named.
func USBForm() string { return "usbprint://04b8:0202" }

// DeviceForms are the shapes of all devices.
func DeviceForms() string { return "tcp://... serial://COM3 usbprint://VID:PID windows://QUEUE" }

// DataFolder is where a journal may lie.
func DataFolder() string { return `C:\ProgramData\receiptd\data` }

// LogFolder is where a log file may lie.
func LogFolder() string { return `C:\ProgramData\receiptd\log` }

// Config is where the configuration usually lies.
func Config() string { return `C:\ProgramData\receiptd\receiptd.toml` }

// Templates names templates, as an example.
func Templates() string { return `C:\ProgramData\receiptd\templates\sale.receipt` }

// Post sends JSON to an address. curl.exe is a part of Windows 10; cmd.exe and PowerShell 7.3 take these quotes.
func Post(json, url string) string {
	return `curl -d "` + strings.ReplaceAll(json, `"`, `\"`) + `" ` + url
}

// Copy puts a file into a folder.
func Copy(file, dir string) string {
	return "copy " + quoted(filepath.FromSlash(file)) + " " + quoted(dir)
}

// Run is a command in quotes where the command line needs them to find the program.
func Run(program string) string { return quoted(program) }

// Open lets programs of the shop write into the drop folder.
func Open(dir string) string { return "icacls " + quoted(dir) + " /grant *S-1-5-32-545:(OI)(CI)M" }

// NeedRights says who may do what was refused.
func NeedRights() (zh, en string) {
	return "没有权限；请用管理员打开命令行再运行：", "no permission; run it in a command line that was opened as administrator: "
}

// NeedAdmin says that a command wants an administrator.
func NeedAdmin(command string) (zh, en string) {
	return "要管理员权限：用管理员打开命令行，再运行 " + command, "this needs an administrator: open a command line as administrator, then run " + command
}

// End is what ends a program in the foreground.
func End() string { return "Ctrl-C" }

// Reload is how a changed configuration is read at once: Windows knows no such signal.
func Reload() (zh, en string) { return "", "" }

// MoreListen is a further place where the virtual printer may listen.
func MoreListen() string { return "" }

// Hidden says that the service cannot see a path: none is hidden here.
func Hidden(path string) (zh, en string) {
	return "系统服务看不到 " + path + "。", "the system service cannot see " + path + "."
}

// NotHidden says where the service sees what it needs.
func NotHidden() (zh, en string) {
	return "文件夹放到本机的磁盘上", "put the folders on a disk of this machine"
}

// Packaged says how a program that a package brought goes again.
func Packaged() (zh, en string) {
	return "receiptd 是用安装包装的，在“设置 - 应用”里删除。日志库保留。", "receiptd came with an installer: remove it under Settings, Apps. The journal stays."
}

// AboutService tells of `receiptd service`.
func AboutService() (zh, en string) {
	return "让 receiptd 作为 Windows 服务随系统启动（实验性：只在 wine 里装过，没启动过）。要用管理员打开命令行。\n卸载不删配置、日志库和投递文件夹。",
		"Lets receiptd start with Windows, as a service (experimental: installed under wine only). Needs a command line that was\nopened as administrator. Uninstalling keeps configuration, journal and drop folder."
}

// AboutInstall tells of `receiptd service install`.
func AboutInstall() (zh, en string) {
	return "登记服务，建配置里还没有的文件夹并设好权限，写第一份配置。已有的文件夹和配置不改。--dry-run 只显示要做什么，不要权限。",
		"Registers the service, makes the folders of the configuration that are missing with their rights, and writes a first\nconfiguration. What is there is left as it is. --dry-run only shows what would be done, and needs no permission."
}

// Set gives a variable of the environment a value, for the commands that follow.
func Set(name, value string) string { return `set "` + name + "=" + value + `"` }

// Private closes a file to everybody but its owner and administrators.
func Private(file string) string {
	return "icacls " + quoted(file) + ` /inheritance:r /grant:r "%USERNAME%:F" *S-1-5-32-544:F`
}

// Pipe is for no file of Windows: its pipes lie in no folder.
func Pipe(_, _ string) string { return "" }
