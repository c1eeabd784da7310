package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// config looks at the configuration: an old one may hold keys that no longer exist.
func (x *examination) config() {
	err := x.o.ConfigErr
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
		x.add("config", Problem, wrong.Path, text("配置有错，receiptd 启动不了：\n"+wrong.Text("zh"), "the configuration is wrong, receiptd will not start:\n"+wrong.Text("en")),
			text("改好上面指出的行，再运行：receiptd config check", "correct the lines shown, then run: receiptd config check"))
	case err != nil:
		x.add("config", Problem, "", because("配置读不了：", "the configuration cannot be read: ", err),
			text("检查 --config 的路径和权限："+hint.Look("FILE"), "check the path given with --config and its permissions: "+hint.Look("FILE")))
	case x.o.Config == nil:
		x.add("config", Problem, "", text("没有配置", "there is no configuration"), text("用 --config 指明配置文件", "name the file with --config"))
	case x.o.Config.Path == "" && len(x.o.Config.Printers) == 0:
		x.add("config", Problem, config.DefaultPath, text("没有配置文件", "there is no configuration file"),
			text("在页面上设置（receiptd page，打开 /setup），或运行 receiptd config init 写一个带说明的", "set it up on the page (receiptd page, then /setup), or write a commented one: receiptd config init"))
	case len(x.o.Config.Printers) == 0:
		x.add("config", Problem, x.o.Config.Path, text("没有配置打印机：收到的小票都在等", "no printer is configured: what is taken waits"),
			text("在页面上设置（receiptd page，打开 /setup）；或运行 receiptd printer scan，把找到的设备写进 [[printer]] 一段", "set one up on the page (receiptd page, then /setup); or run receiptd printer scan, and write the device it finds into a [[printer]] section"))
	default:
		x.good("config", x.o.Config.Path, fmt.Sprintf("配置没有错误，%d 台打印机", len(x.o.Config.Printers)), fmt.Sprintf("good, %d printer(s)", len(x.o.Config.Printers)))
	}
}

// clock compares the clock with what must lie in the past. Marks and retention need a true time; order and "last" do not.
func (x *examination) clock() {
	now := x.o.Now()
	fix := text(hint.Clock())
	date := now.Format("2006-01-02 15:04")
	if !x.o.Built.IsZero() && now.Before(x.o.Built.Add(-24*time.Hour)) {
		x.add("clock", Problem, date, text("时钟不对：比这个程序的制作日期还早（"+x.o.Built.Format(time.DateOnly)+"）", "the clock is wrong: it is before the day this program was made ("+x.o.Built.Format(time.DateOnly)+")"), fix)
		return
	}
	for _, p := range []string{filepath.Join(x.o.Config.Data.Dir, "journal.db"), filepath.Join(x.o.Config.Data.Dir, "journal.db-wal")} {
		st, err := os.Stat(p)
		if err == nil && st.ModTime().After(now.Add(10*time.Minute)) {
			at := st.ModTime().Local().Format("2006-01-02 15:04")
			x.add("clock", Problem, date, text("时钟往回走了：日志库写于 "+at, "the clock went back: the journal was written at "+at), fix)
			return
		}
	}
	x.good("clock", date, "时钟正常", "plausible")
}

// daemon finds out whether one receiptd runs, none, or one of which this configuration knows nothing.
func (x *examination) daemon(ctx context.Context) {
	err := errors.New("not asked")
	var list []Live
	if x.o.Daemon != nil {
		list, err = x.o.Daemon(ctx)
	}
	lock := filepath.Join(x.o.Config.Data.Dir, "lock")
	held := lockHeld(lock)
	switch {
	case err == nil:
		x.running = true
		x.live = make(map[string]Live, len(list))
		for _, l := range list {
			x.live[l.Name] = l
		}
		x.good("daemon", "", "receiptd 正在运行", "receiptd is running")
	case errors.Is(err, ErrNoAccess):
		x.hidden = true
		joinZh, joinEn := hint.Join(userName())
		x.add("daemon", Warning, "", text("你（"+userName()+"）没有权限问 receiptd，打印机没有检查", "you ("+userName()+") may not ask receiptd: the printers were not looked at"),
			text("运行："+hint.Admin("receiptd doctor")+"；或"+joinZh, "run: "+hint.Admin("receiptd doctor")+"; or "+joinEn))
	case held:
		x.add("daemon", Problem, lock, text("另一个 receiptd 占着数据文件夹，但按这份配置连不上它：可能启动了两个，或配置不是它的那份", "another receiptd has the data folder, and does not answer where this configuration says: two were started, or this is not its configuration"),
			text("看是谁："+hint.Holder(lock)+"；多余的停掉："+hint.Stop(), "see which: "+hint.Holder(lock)+"; stop the one too many: "+hint.Stop()))
	default:
		x.add("daemon", Warning, "", text("receiptd 没有运行", "receiptd is not running"), text("启动："+hint.Start()+"（或 receiptd run）", "start it: "+hint.Start()+" (or receiptd run)"))
		x.ports(ctx)
	}
}

// ports finds another program on the page's address.
func (x *examination) ports(ctx context.Context) {
	var lc net.ListenConfig
	for _, addr := range x.o.Config.HTTP.Listen {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err == nil {
			l.Close()
			continue
		}
		if addressTaken(err) {
			x.add("page_port", Problem, addr, text("页面的地址被别的程序占用", "another program has the page's address"),
				text("看是谁："+hint.Ports()+"；或在 [http] listen 里换一个端口", "see which: "+hint.Ports()+"; or choose another port in [http] listen"))
		}
	}
}

// journal has the journal checked.
func (x *examination) journal(ctx context.Context) {
	path := filepath.Join(x.o.Config.Data.Dir, "journal.db")
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && wasThere(path):
		x.add("journal", Problem, path, text("日志库不见了：旁边还有它留下的文件", "the journal is gone: what it left still stands beside it"),
			text("先不要启动；找回 journal.db 或恢复备份：receiptd journal restore FILE。没有备份：启动后之前的单据标“可能重复”", "do not start yet: find journal.db, or restore a backup: receiptd journal restore FILE. Without one start it: slips from before are marked POSSIBLE DUPLICATE"))
		return
	case errors.Is(err, fs.ErrNotExist):
		x.good("journal", path, "还没有日志库（receiptd 第一次启动时建）", "there is none yet: the first start of receiptd makes it")
		return
	case err != nil:
		x.add("journal", Warning, path, because("看不到日志库：", "the journal cannot be seen: ", err), text("用管理员运行："+hint.Admin("receiptd doctor"), "run as administrator: "+hint.Admin("receiptd doctor")))
		return
	case x.o.Verify == nil:
		return
	}
	if x.o.Moved != nil {
		if what, fix, moved := x.o.Moved(ctx); moved {
			x.add("journal", Problem, path, what, fix)
			return
		}
	}
	found, err := x.o.Verify(ctx)
	switch {
	case err != nil:
		x.add("journal", Warning, path, because("日志库没能检查：", "the journal could not be checked: ", err), text("用管理员运行："+hint.Admin("receiptd doctor"), "run as administrator: "+hint.Admin("receiptd doctor")))
	case found != (job.Text{}):
		x.add("journal", Problem, path, text("日志库有损坏："+found.Zh, "the journal is damaged: "+found.En),
			text("先备份，不要删除："+hint.Backup(x.o.Config.Data.Dir), "copy it first, delete nothing: "+hint.Backup(x.o.Config.Data.Dir)))
	default:
		x.good("journal", path, "日志库完好", "sound")
	}
}

// wasThere reports whether there was a journal at a path: what only a running daemon makes stands beside it.
func wasThere(path string) bool {
	for _, left := range []string{path + "-seal", path + "-wal", filepath.Join(filepath.Dir(path), "ballast")} {
		if _, err := os.Stat(left); err == nil {
			return true
		}
	}
	return false
}

// templates tells of overrides that are broken and therefore not in use.
func (x *examination) templates() {
	dir := x.o.Config.Templates.Dir
	set, err := templates.Load(templates.Options{Dir: dir, Locale: x.o.Config.Shop.Locale})
	if err != nil {
		x.add("templates", Problem, dir, because("模板读不了：", "the templates cannot be read: ", err), text("检查权限："+hint.LookInside(dir), "check the permissions: "+hint.LookInside(dir)))
		return
	}
	for _, e := range set.Problems() {
		x.add("templates", Warning, e.File, job.Text{Zh: e.Zh, En: e.En}, text("检查：receiptd template lint "+e.File, "check it: receiptd template lint "+e.File))
	}
}
