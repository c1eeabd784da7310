package hub

import (
	"errors"

	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/vocabulary"
)

// lineProblem words why the hub is not at its broker.
func lineProblem(f *mqtt.Failure) *Problem {
	p := &Problem{Code: f.Code, Message: f.Text(), Fix: vocabulary.Text{Zh: "会自己重连；任务留在总部，不会丢。", En: "It connects again by itself; jobs stay in the hub and are not lost."}}
	switch f.Code {
	case mqtt.CodeTaken:
		p.Message = vocabulary.Text{Zh: "另一个总部用了同一个名字。", En: "Another hub came under this hub's name."}
		p.Fix = vocabulary.Text{Zh: "只留一个，或用 receiptd fleet enroll 给另一个发自己的名字。", En: "Keep one, or enroll the other under its own name."}
	case mqtt.CodeDenied:
		p.Message = vocabulary.Text{Zh: "服务器不许这个总部收发门店的主题。", En: "The broker does not let this hub use the shops' topics."}
		p.Fix = vocabulary.Text{Zh: "检查 hub.tenant、hub.name；服务器的 ACL 里要有这个总部的一段（fleet enroll 发证书时显示过，样子见 docs/fleet.md）。", En: "Check hub.tenant and hub.name; the broker's ACL wants a block for this hub (fleet enroll showed it with the certificate; docs/fleet.md)."}
	}
	return p
}

// storeProblem words why the store takes nothing.
func storeProblem(err error) *Problem {
	p := &Problem{Code: "store", Message: vocabulary.Text{Zh: "总部的库现在存不了东西。", En: "The hub's store takes nothing now."},
		Fix: vocabulary.Text{Zh: "看日志；会一直再试，门店那边什么都不会丢。", En: "See the log; it is tried again and again, and nothing is lost at the shops."}}
	switch {
	case errors.Is(err, store.ErrFull):
		p.Code, p.Message = "disk_full", vocabulary.Text{Zh: "总部的磁盘满了：新任务不收，门店的事件先留在门店。", En: "The hub's disk is full: no new jobs are taken, and events stay in the shops."}
		p.Fix = vocabulary.Text{Zh: "清出磁盘空间；之后自己接着存。", En: "Make room on the disk; it goes on by itself."}
	case errors.Is(err, store.ErrBusy):
		p.Code, p.Message = "store_busy", vocabulary.Text{Zh: "另一个程序占着总部的库。", En: "Another program holds the hub's store."}
		p.Fix = vocabulary.Text{Zh: "关掉打开 hub.db 的程序。", En: "End the program that has hub.db open."}
	case errors.Is(err, store.ErrDamaged):
		p.Code, p.Message = "store_damaged", vocabulary.Text{Zh: "总部的库损坏了。", En: "The hub's store is damaged."}
		p.Fix = vocabulary.Text{Zh: "停掉总部，换回备份，或把 hub.db 移开重新开始：门店会把事件再报一遍。", En: "Stop the hub and put a backup in its place, or move hub.db away and begin anew: the shops report their events again."}
	}
	return p
}

// leftProblem words that a message could not be stored.
func leftProblem(x leftOut) *Problem {
	p := &Problem{Code: "left_out", Message: vocabulary.Text{Zh: x.shop + " 的一条消息总部存不了，跳过了；后面的照常。", En: "A message of " + x.shop + " could not be stored and was left out; those after it are here."},
		Fix: vocabulary.Text{Zh: "看日志里是哪一条，到店里核对；把日志发给技术人员。", En: "See in the log which it is, and look at that shop; send the log to a technician."}}
	if x.stuck {
		p.Message = vocabulary.Text{Zh: x.shop + " 的一条事件总部存不了，也跳不过去：它和它后面的事件都不在总部，留在门店。", En: "An event of " + x.shop + " cannot be stored and cannot be left out: it and the events after it are not here, they stay in the shop."}
		p.Fix = vocabulary.Text{Zh: "看日志里是哪一条，把日志发给技术人员；这之前在店里查。", En: "See in the log which it is and send the log to a technician; until then look at that shop."}
	}
	return p
}

// StoreProblem words an error of the store for who asked for something.
func StoreProblem(err error) Problem { return *storeProblem(err) }
