package hint

// HubStart says how a centre is started, and where its log is.
func HubStart() (zh, en string) {
	return "启动它：receiptd hub；日志在那个窗口里", "start it: receiptd hub; its log is in that window"
}

// HubReads lets a centre's user read a file.
func HubReads(file string) string { return "icacls " + quoted(file) + ` /grant "%USERNAME%:R"` }

// HubEnters lets a centre's user into a folder that is closed to it.
func HubEnters(dir string) string { return "icacls " + quoted(dir) + ` /grant "%USERNAME%:RX"` }

// HubOwns hands a folder to a centre's user.
func HubOwns(dir string) string { return Give("%USERNAME%", dir) }

// HubMakes makes a folder for a centre's user.
func HubMakes(dir string) string { return Make("", "", dir) }

// HubAsks says who may ask a centre that runs.
func HubAsks() (zh, en string) {
	return "用运行总部的用户，或用管理员运行这个检查", "run this check as the user that runs the hub, or as administrator"
}
