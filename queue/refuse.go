package queue

import (
	"fmt"
	"strings"

	"github.com/receiptd/receiptd/job"
)

// What a person reads when a request cannot be done as asked: what happened, what to do next.

func say(code, pointer, zh, en, fixZh, fixEn string) job.Problem {
	return job.Problem{Code: code, Pointer: pointer, Message: job.Text{Zh: zh, En: en}, Fix: job.Text{Zh: fixZh, En: fixEn}}
}

func problemIDReused(id string) job.Problem {
	return say("job_id_reused", "/job_id",
		fmt.Sprintf("任务号 %s 已用于另一份内容；这一份没有处理", id), fmt.Sprintf("job_id %s was already used for other content; this one was not taken", id),
		"换一个新的任务号再提交", "submit it under a new job_id")
}

func problemVoucherConflict(voucher int64, other string) job.Problem {
	return say("voucher_conflict", "/payload/voucher_no",
		fmt.Sprintf("同凭证号内容不一致：凭证 %s 已有任务 %s，未打印", voucherText(voucher), other),
		fmt.Sprintf("voucher %s already belongs to job %s with other content; not printed", voucherText(voucher), other),
		"在终端上核对这笔交易；以终端记录为准", "check this transaction on the terminal; the terminal's record counts")
}

func problemLateApproval(voucher int64, status string) job.Problem {
	return say("late_approval", "/payload/result",
		fmt.Sprintf("凭证 %s 有冲正记录（%s），现又收到“成功”，未打印", voucherText(voucher), zhName(status)),
		fmt.Sprintf("voucher %s has a reversal (%s), and now an approval arrived; not printed", voucherText(voucher), status),
		"请勿重复刷卡；联系收单机构确认款项", "do not charge again; ask the acquirer where the money is")
}

func problemLateArrival(batchNo string) job.Problem {
	return say("late_arrival", "/payload/batch_no",
		fmt.Sprintf("批次 %s 已结算，此单迟到，按延迟打印", batchNo), fmt.Sprintf("batch %s is settled already; this slip came late and prints marked late", batchNo),
		"无需操作；留意终端软件为何迟交", "nothing to do; find out why the terminal software was late")
}

func problemBatchUnknown(batchNo string) job.Problem {
	return say("batch_unknown", "/payload/batch_no",
		fmt.Sprintf("本机没有批次 %s 的单据，未关闭任何批次", batchNo), fmt.Sprintf("no slip of batch %s is known here; no batch was closed", batchNo),
		"核对批次号；需要时在柜台页手工结算", "check the batch number; close the batch by hand if it is another one")
}

func problemAlreadySettled(batchNo string) job.Problem {
	return say("already_settled", "/payload/batch_no",
		fmt.Sprintf("批次 %s 之前已结算", batchNo), fmt.Sprintf("batch %s was settled before", batchNo),
		"无需操作", "nothing to do")
}

func problemUnprinted(n int) job.Problem {
	return say("unprinted_slips", "",
		fmt.Sprintf("还有 %d 张未确认打印的单据", n), fmt.Sprintf("slips not known to be printed: %d", n),
		"查看打印机；它们会标“延迟打印”打出", "look at the printer; they will come out marked late")
}

func problemSettledPending(n int) job.Problem {
	return say("reversal_pending_at_settlement", "",
		fmt.Sprintf("结算时仍有 %d 笔冲正待处理", n), fmt.Sprintf("reversals still pending at settlement: %d", n),
		"请勿重复刷卡；联系收单机构查这几笔", "do not charge again; ask the acquirer about them")
}

func problemDoNotCharge(voucher int64) job.Problem {
	return say("reversal_pending", "/payload/voucher_no",
		fmt.Sprintf("凭证 %s 冲正待处理，结果未知", voucherText(voucher)), fmt.Sprintf("the reversal of voucher %s is pending; its result is unknown", voucherText(voucher)),
		"请勿重复刷卡；先在终端上做一次查询", "do not charge again; run a query on the terminal first")
}

func problemTerminalAmbiguous(list []string) job.Problem {
	s := strings.Join(list, ", ")
	return say("terminal_ambiguous", "/payload/terminal_no",
		"有多台终端，请指明终端号："+s, "there are several terminals, name one: "+s,
		"加上 terminal_no 再试", "give terminal_no and try again")
}

func problemNoSlip() job.Problem {
	return say("no_slip", "",
		"没有可补打的单据", "there is no slip to reprint",
		"核对终端号", "check the terminal number")
}

func problemBatchSettled(batchNo string) job.Problem {
	return say("batch_settled", "/payload/batch_no",
		fmt.Sprintf("批次 %s 已结算，不可补打", batchNo), fmt.Sprintf("batch %s is settled: its slips are not reprinted", batchNo),
		"调单请用归档副本（需授权）", "for a retrieval request ask for an archive copy (needs permission)")
}

func problemBatchOpen(batchNo string) job.Problem {
	return say("batch_open", "/payload/batch_no",
		fmt.Sprintf("批次 %s 未结算，不需要归档副本", batchNo), fmt.Sprintf("batch %s is not settled: no archive copy is needed", batchNo),
		"按凭证号补打", "reprint it by its voucher number")
}

func problemVoucherUnknown(voucher int64, near []string) job.Problem {
	zh, en := "", ""
	if len(near) > 0 {
		zh, en = "；相近的有 "+strings.Join(near, "、"), "; the nearest are "+strings.Join(near, ", ")
	}
	return say("voucher_unknown", "/payload/voucher_no",
		fmt.Sprintf("未找到凭证 %s%s（号码不连续属正常）", voucherText(voucher), zh),
		fmt.Sprintf("there is no voucher %s%s (gaps are normal)", voucherText(voucher), en),
		"核对号码，或按金额、卡尾号、时间查找", "check the number, or search by amount, last four digits or time")
}

func problemArchiveUnknown(batchNo string) job.Problem {
	return say("batch_unknown", "/payload/batch_no",
		fmt.Sprintf("本机没有批次 %s", batchNo), fmt.Sprintf("batch %s is not known here", batchNo),
		"核对批次号和终端号", "check the batch and terminal numbers")
}

func problemNoSettlement() job.Problem {
	return say("no_settlement", "",
		"没有结算单", "there is no settlement slip",
		"核对终端号和批次号", "check the terminal and batch numbers")
}

func problemNoSuchCopy(name string) job.Problem {
	return say("copy_unknown", "/payload/copies",
		fmt.Sprintf("这份单据没有%s", zhName(name)), fmt.Sprintf("this slip has no %s copy", name),
		"选择它有的联，或不指定", "name a copy that it has, or none for all")
}

func problemPrinterUnknown(name string) job.Problem {
	return say("printer_unknown", "/printer",
		"没有叫 "+name+" 的打印机", "there is no printer called "+name,
		"用 receiptd printer list 看有哪些，或不指定", "see receiptd printer list, or name none")
}

func problemNotYetPrinted(name job.CopyName, s State, reason, printer string) job.Problem {
	zh, en := zhState(s), string(s)
	if reason != "" {
		zh, en = zh+"，"+zhName(reason), en+", "+reason
	}
	return say("not_yet_printed", "",
		fmt.Sprintf("%s还没打完（%s；打印机 %s）", zhName(string(name)), zh, printer),
		fmt.Sprintf("the %s copy is not finished yet (%s, printer %s)", name, en, printer),
		"等它打出；先看打印机缺纸或开盖", "wait for it; check the printer's paper and cover first")
}

func problemVoucherChanged(want, is int64) job.Problem {
	return say("voucher_changed", "/payload/expect_voucher_no",
		fmt.Sprintf("末笔已是凭证 %s，不是 %s", voucherText(is), voucherText(want)),
		fmt.Sprintf("the slip found is voucher %s, not %s", voucherText(is), voucherText(want)),
		"核对后按凭证号补打", "check, then reprint by voucher number")
}

func problemStaleCommand() job.Problem {
	return say("stale_command", "",
		"补打命令已超过 60 秒，未执行", "the reprint command is older than 60 seconds; not done",
		"还需要就再补打一次", "ask again if it is still wanted")
}

func problemNotPermitted(name string) job.Problem {
	return say("not_permitted", "/payload/command",
		"此操作需要授权："+name, "this needs a permission: "+name,
		"由主管用密码操作", "let a supervisor do it with the PIN")
}

func problemJobUnknown(id string) job.Problem {
	return say("job_unknown", "/payload/target_job_id",
		"没有这个任务："+id, "there is no such job: "+id,
		"核对任务号", "check the job_id")
}

func problemNotPrinted(s State) job.Problem {
	return say("not_yet_printed", "/payload/copy",
		fmt.Sprintf("这一联没有打印记录（%s）", zhState(s)), fmt.Sprintf("this copy is not known as printed (%s)", s),
		"先处理它现在的状态", "settle its present state first")
}

func problemDefectiveClosed(batchNo string) job.Problem {
	return say("batch_settled", "/payload/copy",
		fmt.Sprintf("已记为废票；批次 %s 已结算，不再补打", batchNo), fmt.Sprintf("noted as defective; batch %s is settled, so no copy follows", batchNo),
		"需要时由主管打归档副本", "a supervisor can print an archive copy")
}

func problemNothingToCancel() job.Problem {
	return say("nothing_to_cancel", "",
		"没有可取消的联：已打印或正在打印", "nothing can be cancelled: printed, or being printed",
		"无需操作", "nothing to do")
}

func problemNotUncertain() job.Problem {
	return say("not_uncertain", "/payload/copy",
		"没有“未确认”的联需要回答", "no copy is uncertain",
		"查看这份单据的状态", "look at the slip's state")
}

func problemNoReversal(voucher int64) job.Problem {
	return say("voucher_unknown", "/payload/voucher_no",
		fmt.Sprintf("凭证 %s 没有待处理的冲正", voucherText(voucher)), fmt.Sprintf("voucher %s has no standing reversal", voucherText(voucher)),
		"核对凭证号和终端号", "check the voucher and terminal numbers")
}

func problemReversalAmbiguous(voucher int64, list []standingReversal) job.Problem {
	var which []string
	for _, r := range list {
		which = append(which, r.terminal+"/"+r.batchNo)
	}
	s := strings.Join(which, ", ")
	return say("terminal_ambiguous", "/payload/terminal_no",
		fmt.Sprintf("凭证 %s 有多笔待处理的冲正（终端号/批次号）：%s", voucherText(voucher), s),
		fmt.Sprintf("voucher %s has several standing reversals (terminal/batch): %s", voucherText(voucher), s),
		"加上 terminal_no 和 batch_no 再试", "give terminal_no and batch_no and try again")
}
