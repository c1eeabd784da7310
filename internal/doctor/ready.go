package doctor

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/job"
)

// folderTime is how long the folders may take to be looked at: a file system that does not answer must not keep doctor from
// telling so.
const folderTime = 10 * time.Second

// ready tells what the running daemon itself finds missing for taking a job.
func (x *examination) ready(ctx context.Context) {
	if x.o.Ready == nil || !x.running && !x.hidden {
		return
	}
	problems, err := x.o.Ready(ctx)
	if err != nil {
		return // a daemon that does not answer is told of by the call before
	}
	for _, name := range slices.Sorted(maps.Keys(problems)) {
		what, fix := unready(name, problems[name], x.o.Config.Spool.Dir)
		x.add("ready", Problem, name, what, fix)
	}
	if len(problems) == 0 {
		x.good("ready", "", "receiptd 现在能收任务", "receiptd can take jobs now")
	}
}

// unready words one thing that keeps a running daemon from taking jobs.
func unready(name string, why job.Text, spool string) (what, fix job.Text) {
	switch name {
	case "take_loop":
		return text("收投递文件的循环停住了，投进来的文件没有人收："+why.Zh, "the loop that takes dropped files stands still: "+why.En+"; nobody takes what is dropped"),
			text("看磁盘和网络共享："+hint.LookInside(spool)+"；再重新启动："+hint.Restart(), "look at the disk or the network share: "+hint.LookInside(spool)+"; then restart: "+hint.Restart())
	case "answer_loop":
		return text("写应答的循环停住了；打印照常，results 里看不到结果："+why.Zh, "the loop that writes answers stands still: "+why.En+"; slips print, results do not tell of them"),
			text("看磁盘和网络共享："+hint.LookInside(spool)+"；再重新启动："+hint.Restart(), "look at the disk or the network share: "+hint.LookInside(spool)+"; then restart: "+hint.Restart())
	case "printers":
		return text("receiptd 在运行，没有打印机；收到的小票都在等", "receiptd runs and has no printer: "+why.En),
			text("在页面上设置：receiptd page，打开 /setup", "set one up on the page: receiptd page, then /setup")
	case "drop_folder":
		return text("投递文件夹现在用不了："+why.Zh, "the drop folder cannot be used now: "+why.En),
			text("看看里面："+hint.LookInside(spool)+"；把文件夹放回原处，或重新启动 receiptd", "look: "+hint.LookInside(spool)+"; put the folder back, or restart receiptd")
	}
	return text("receiptd 现在收不了任务（"+name+"）："+why.Zh, "receiptd cannot take jobs now ("+name+"): "+why.En),
		text("看日志："+hint.Log(), "see the log: "+hint.Log())
}

// within looks at something that may never answer.
func (x *examination) within(limit time.Duration, check, subject string, look func(*examination)) {
	y := &examination{o: x.o, live: x.live, running: x.running, hidden: x.hidden}
	done := make(chan struct{})
	go func() { look(y); close(done) }()
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
		x.found = append(x.found, y.found...)
	case <-t.C:
		x.add(check, Problem, subject, text("文件系统没有回应（磁盘坏了，或网络共享断了）", "the file system does not answer (a broken disk, or a network share that is gone)"),
			text("看看："+hint.Disks()+"；修好后重新启动 receiptd", "look: "+hint.Disks()+"; then restart receiptd"))
	}
}
