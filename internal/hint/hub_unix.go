//go:build !windows

package hint

// hubUser is whom the package makes for a chain's centre.
const hubUser = "receiptd-hub"

// HubStart says how a centre is started, and where its log is.
func HubStart() (zh, en string) {
	return "启动它：sudo systemctl start receiptd-hub；日志：journalctl -u receiptd-hub", "start it: sudo systemctl start receiptd-hub; its log: journalctl -u receiptd-hub"
}

// HubReads lets a centre's user read a file.
func HubReads(file string) string {
	return "sudo chgrp " + hubUser + " " + quoted(file) + " && sudo chmod g+r " + quoted(file)
}

// HubEnters lets a centre's user into a folder that is closed to it.
func HubEnters(dir string) string {
	return "sudo chgrp " + hubUser + " " + quoted(dir) + " && sudo chmod g+x " + quoted(dir)
}

// HubOwns hands a folder to a centre's user.
func HubOwns(dir string) string { return Give(hubUser, dir) }

// HubMakes makes a folder for a centre's user.
func HubMakes(dir string) string { return Make(hubUser, "2770", dir) }

// HubAsks says who may ask a centre that runs.
func HubAsks() (zh, en string) {
	return "用总部的用户或 root 运行这个检查", "run this check as the hub's user or as root"
}
