package doctor

import (
	"os"
	"path/filepath"
	"runtime"

	"github.com/receiptd/receiptd/internal/hint"
)

// logFile looks whether the log can be written to the file that the configuration names.
func (x *examination) logFile() {
	file := x.o.Config.Log.File
	if file == "" {
		return
	}
	dir := existing(filepath.Dir(file))
	st, err := os.Stat(file)
	switch {
	case err == nil && st.IsDir():
		x.add("log", Problem, file, text("这是文件夹，不是日志文件", "this is a folder, no log file"), text("在 [log] file 里写文件名，例如 "+filepath.Join(file, "receiptd.log"), "name a file in [log] file, e.g. "+filepath.Join(file, "receiptd.log")))
		return
	case err != nil:
		if st, err = os.Stat(dir); err == nil && !st.IsDir() {
			x.add("log", Problem, file, text(dir+" 不是文件夹，日志写不进去", dir+" is no folder: no log can be written there"), text("改 [log] file，再运行：receiptd config check", "correct [log] file, then: receiptd config check"))
			return
		}
	}
	if err != nil {
		x.add("log", Problem, file, because("日志文件用不了：", "the log file cannot be used: ", err), text("看一下："+hint.Look(dir), "look: "+hint.Look(dir)))
		return
	}
	if who, ok := serviceMayWrite(st); !ok {
		folder, own := filepath.Dir(file), hint.Make(who, "0755", hint.LogFolder())
		x.add("log", Problem, file, text("服务的用户 "+who+" 没有权限写日志文件，receiptd 起不来", "the service's user "+who+" may not write the log file: receiptd does not start"),
			text("给日志一个自己的文件夹："+own+"，再在 [log] file 里写它；或改 "+folder+" 的权限", "give the log a folder of its own: "+own+", and name it in [log] file; or change who may write to "+folder))
		return
	}
	if os.Geteuid() != 0 && runtime.GOOS != "windows" {
		x.add("log", Hint, file, text("从这里看不出服务能不能写日志文件", "whether the service can write the log file cannot be seen from here"), text("用管理员再查："+hint.Admin("receiptd doctor"), "look as administrator: "+hint.Admin("receiptd doctor")))
		return
	}
	x.good("log", file, "可以写", "can be written")
}
