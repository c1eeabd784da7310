package rules

import (
	"fmt"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
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
		fmt.Sprintf("同凭证号内容不一致：凭证 %s 已有任务 %s，未打印", record.VoucherText(voucher), other),
		fmt.Sprintf("voucher %s already belongs to job %s with other content; not printed", record.VoucherText(voucher), other),
		"在终端上核对这笔交易；以终端记录为准", "check this transaction on the terminal; the terminal's record counts")
}

func problemVoucherTaken(voucher int64, other string) job.Problem {
	return say("voucher_taken", "/payload/capture/voucher",
		fmt.Sprintf("凭证 %s 已是任务 %s 的，内容不一致；这一张已打印，按单据保存", record.VoucherText(voucher), other),
		fmt.Sprintf("voucher %s is job %s's, with other content; this one is printed and kept as a document", record.VoucherText(voucher), other),
		"在终端上核对这笔交易；按金额或时间查找，用任务号补打", "check this transaction on the terminal; find this slip by amount or time and reprint it by its job id")
}

func problemReversedSlip(voucher int64) job.Problem {
	return say("reversed_slip", "/payload/capture/voucher",
		fmt.Sprintf("凭证 %s 有冲正记录，又打了小票；按单据保存", record.VoucherText(voucher)),
		fmt.Sprintf("voucher %s has a reversal, and now its slip was printed; it is kept as a document", record.VoucherText(voucher)),
		"请勿重复刷卡；联系收单机构确认款项", "do not charge again; ask the acquirer where the money is")
}

func problemSettleAsk(terminal, batchNo string) job.Problem {
	return say("settle_ask", "/payload/capture/batch",
		fmt.Sprintf("终端 %s 打了批次 %s 的结算单：请确认是否结算", terminal, batchNo),
		fmt.Sprintf("terminal %s printed a settlement slip of batch %s: is it settled?", terminal, batchNo),
		"核对结算单；是，就在批次页点“结算”，或运行 receiptd batch settle "+batchNo, "look at the slip; if so, settle the batch on its page, or run receiptd batch settle "+batchNo)
}

func problemLateApproval(voucher int64, status vocabulary.ReversalStatus) job.Problem {
	return say("late_approval", "/payload/result",
		fmt.Sprintf("凭证 %s 有冲正记录（%s），现又收到“成功”，未打印", record.VoucherText(voucher), vocabulary.Zh(vocabulary.KindReversal, status)),
		fmt.Sprintf("voucher %s has a reversal (%s), and now an approval arrived; not printed", record.VoucherText(voucher), status),
		"请勿重复刷卡；联系收单机构确认款项", "do not charge again; ask the acquirer where the money is")
}

func problemLateArrival(batchNo string, prints bool) job.Problem {
	zh, en := "此单迟到，按延迟打印", "this slip came late and prints marked late"
	if !prints {
		zh, en = "此单迟到，只登记，不打印", "this slip came late; it is noted and prints nothing"
	}
	return say("late_arrival", "/payload/batch_no",
		fmt.Sprintf("批次 %s 已结算，%s", batchNo, zh), fmt.Sprintf("batch %s is settled already; %s", batchNo, en),
		"无需操作；留意终端软件为何迟交", "nothing to do; find out why the terminal software was late")
}

func problemSettledBefore(batchNo, settlement string, prints bool) job.Problem {
	zh, en := "，此单按延迟打印", "; this slip prints marked late"
	if !prints {
		zh, en = "", ""
	}
	return say("settled_before", "/payload/batch_no",
		fmt.Sprintf("批次 %s 的结算单 %s 先到，现已据此结算该批次%s", batchNo, settlement, zh),
		fmt.Sprintf("settlement %s came before the slips of batch %s and has closed it now%s", settlement, batchNo, en),
		"无需操作；请让软件先投单据，再投结算单", "nothing to do; let the software drop the slips before the settlement")
}

func problemClosedLater(batchNo string) job.Problem {
	return say("settled_later", "/payload/batch_no",
		fmt.Sprintf("结算单比批次 %s 的单据先到；单据到后已结算该批次", batchNo),
		fmt.Sprintf("this settlement came before the slips of batch %s; it has closed that batch now", batchNo),
		"无需操作；请让软件先投单据，再投结算单", "nothing to do; let the software drop the slips before the settlement")
}

func problemBatchUnknown(batchNo string) job.Problem {
	return say("batch_unknown", "/payload/batch_no",
		fmt.Sprintf("本机没有批次 %s 的单据，未关闭任何批次", batchNo), fmt.Sprintf("no slip of batch %s is known here; no batch was closed", batchNo),
		"单据随后到的话，24 小时内会自动结算，也可再投一次结算单；否则核对批次号，需要时在柜台页手工结算",
		"when its slips still come, within 24 hours, it is closed by itself, or drop the settlement again; else check the batch number, or close the batch by hand")
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
		fmt.Sprintf("凭证 %s 冲正待处理，结果未知", record.VoucherText(voucher)), fmt.Sprintf("the reversal of voucher %s is pending; its result is unknown", record.VoucherText(voucher)),
		"请勿重复刷卡；先在终端上做一次查询", "do not charge again; run a query on the terminal first")
}

func problemTerminalAmbiguous(list []string) job.Problem {
	s := strings.Join(list, ", ")
	return say("terminal_ambiguous", "/payload/terminal_no",
		"有多台终端，请指明终端号："+s, "there are several terminals, name one: "+s,
		"加上 terminal_no（上面之一）再试", "give one of these as terminal_no and try again")
}

func problemNoSlip() job.Problem {
	return say("no_slip", "",
		"没有可补打的单据", "there is no slip to reprint",
		`核对 terminal_no；订单和文档用 {"command":"reprint_job","target_job_id":"…"}`,
		`check terminal_no; an order or document is reprinted with {"command":"reprint_job","target_job_id":"..."}`)
}

func problemBatchSettled(batchNo string) job.Problem {
	return say("batch_settled", "/payload/batch_no",
		fmt.Sprintf("批次 %s 已结算，不可补打", batchNo), fmt.Sprintf("batch %s is settled: its slips are not reprinted", batchNo),
		`调单请用调单副本（需授权）：archive_copy，带 batch_no、voucher_no、case_no；结算单用 reprint_settlement`,
		`for a retrieval request: archive_copy with batch_no, voucher_no, case_no (needs permission); the settlement slip: reprint_settlement`)
}

func problemElectronicSettled(batchNo string) job.Problem {
	return say("batch_settled", "/payload/case_no",
		fmt.Sprintf("批次 %s 已结算，电子存根要作为调单副本", batchNo), fmt.Sprintf("batch %s is settled: an electronic copy of its slips is a retrieval copy", batchNo),
		"写上案号 case_no，由主管用密码操作", "give the case number as case_no and let a supervisor do it with the PIN")
}

func problemBatchOpen(batchNo string) job.Problem {
	return say("batch_open", "/payload/batch_no",
		fmt.Sprintf("批次 %s 未结算，不需要调单副本", batchNo), fmt.Sprintf("batch %s is not settled: no retrieval copy is needed", batchNo),
		"按凭证号补打", "reprint it by its voucher number")
}

func problemVoucherUnknown(voucher int64, near []string) job.Problem {
	zh, en := "", ""
	if len(near) > 0 {
		zh, en = "；相近的有 "+strings.Join(near, "、"), "; the nearest are "+strings.Join(near, ", ")
	}
	return say("voucher_unknown", "/payload/voucher_no",
		fmt.Sprintf("未找到凭证 %s%s（号码不连续属正常）", record.VoucherText(voucher), zh),
		fmt.Sprintf("there is no voucher %s%s (gaps are normal)", record.VoucherText(voucher), en),
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

// copyList names copies in both languages, and as they are written in a job.
func copyList(names []job.CopyName) (zh, en string) {
	var z, e []string
	for _, n := range names {
		z, e = append(z, vocabulary.Zh(vocabulary.KindCopy, n)+" "+string(n)), append(e, string(n))
	}
	return strings.Join(z, "、"), strings.Join(e, ", ")
}

func problemNoSuchCopy(name job.CopyName, can []job.CopyName) job.Problem {
	zh, en := copyList(can)
	return say("copy_unknown", "/payload/copies",
		fmt.Sprintf("这份单据没有%s", vocabulary.Zh(vocabulary.KindCopy, name)), fmt.Sprintf("this slip has no %s copy", name),
		"它可以有："+zh+"；copies 写其中的，或不写（打已有的各联）", "it can have: "+en+"; name one of these in copies, or none for all there are")
}

func problemNoCopies() job.Problem {
	return say("no_slip", "/payload/copies",
		"这份单据还没有任何一联", "this slip has no copy yet",
		"在 copies 里写明要打哪一联", "name in copies which one to print")
}

func problemFirstUnknown(name job.CopyName, have []job.CopyName) job.Problem {
	zh, en := copyList(have)
	return say("copy_unknown", "/payload/copies",
		fmt.Sprintf("%s可能已经打过：打印记录换过新的，这份单据比它早", vocabulary.Zh(vocabulary.KindCopy, name)),
		fmt.Sprintf("the %s copy may have been printed already: the journal was replaced after this slip was made", name),
		"补打已有的联（会有标记）："+zh, "reprint a copy that it has, which comes marked: "+en)
}

func problemFirstUndone(name job.CopyName, voucher int64, st record.Standing) job.Problem {
	p := say("slip_undone", "/payload/copies",
		fmt.Sprintf("凭证 %s 已撤销或冲正，不再打第一张%s", record.VoucherText(voucher), vocabulary.Zh(vocabulary.KindCopy, name)),
		fmt.Sprintf("voucher %s was voided or reversed: its first %s copy is not printed any more", record.VoucherText(voucher), name),
		"补打它已有的联（会写明），或打撤销、冲正本身的单据", "reprint a copy that it has, which says so, or print the slip of the void or reversal itself")
	if st.Pending {
		p = say("reversal_pending", "/payload/copies",
			fmt.Sprintf("凭证 %s 冲正待处理，暂不打第一张%s", record.VoucherText(voucher), vocabulary.Zh(vocabulary.KindCopy, name)),
			fmt.Sprintf("the reversal of voucher %s is pending: its first %s copy is not printed now", record.VoucherText(voucher), name),
			"请勿重复刷卡；冲正有结果后再试", "do not charge again; try again when the reversal has a result")
	}
	return p
}

func problemCopiesMixed(lacks []job.CopyName) job.Problem {
	_, en := copyList(lacks)
	return say("duplicate", "/copies",
		"这份单据已收过，没有重复打印；其中 "+en+" 从没打过", "this slip was taken before and prints nothing again; of its copies "+en+" was never printed",
		`要打从没打过的联：换新任务号，copies 只写 `+en, `to get what was never printed send it under a new job_id with copies only of `+en)
}

func problemOrderUnclear(no string, jobs []string) job.Problem {
	s := strings.Join(jobs, ", ")
	return say("order_unclear", "/payload/order_no",
		fmt.Sprintf("订单号 %s 对不上唯一一单，没有停打任何单：%s", no, s),
		fmt.Sprintf("order number %s does not tell one order: none of these was stopped: %s", no, s),
		`看单确认后取消那一单：{"command":"cancel","target_job_id":"…"}；取消单请带 placed_at、platform、store_name、table_no`,
		`look which one is meant and cancel it: {"command":"cancel","target_job_id":"..."}; give placed_at, platform, store_name and table_no in a cancellation`)
}

func problemPrinterUnknown(name string) job.Problem {
	return say("printer_unknown", "/printer",
		"没有叫 "+name+" 的打印机", "there is no printer called "+name,
		"用 receiptd printer list 看有哪些，或不指定", "see receiptd printer list, or name none")
}

func problemNotYetPrinted(name job.CopyName, s vocabulary.State, reason vocabulary.Reason, printer string) job.Problem {
	zh, en := vocabulary.Zh(vocabulary.KindState, s), string(s)
	if reason != "" {
		zh, en = zh+"，"+vocabulary.Zh(vocabulary.KindReason, reason), en+", "+string(reason)
	}
	return say("not_yet_printed", "",
		fmt.Sprintf("%s还没打完（%s；打印机 %s）", vocabulary.Zh(vocabulary.KindCopy, name), zh, printer),
		fmt.Sprintf("the %s copy is not finished yet (%s, printer %s)", name, en, printer),
		"等它打出；先看打印机缺纸或开盖", "wait for it; check the printer's paper and cover first")
}

func problemVoucherChanged(want, is int64) job.Problem {
	return say("voucher_changed", "/payload/expect_voucher_no",
		fmt.Sprintf("末笔已是凭证 %s，不是 %s", record.VoucherText(is), record.VoucherText(want)),
		fmt.Sprintf("the slip found is voucher %s, not %s", record.VoucherText(is), record.VoucherText(want)),
		fmt.Sprintf(`核对后按凭证号补打：{"command":"reprint_by_voucher","voucher_no":"%s"}`, record.VoucherText(want)),
		fmt.Sprintf(`check, then reprint by voucher number: {"command":"reprint_by_voucher","voucher_no":"%s"}`, record.VoucherText(want)))
}

func problemStaleCommand() job.Problem {
	return say("stale_command", "",
		"补打命令已超过 60 秒，未执行", "the reprint command is older than 60 seconds; not done",
		"还需要就再投一次补打命令", "send the command again if it is still wanted")
}

func problemStaleDrawer() job.Problem {
	return say("stale_command", "",
		"开钱箱的命令已超过 30 秒，没有开", "the command to open the drawer is older than 30 seconds; it was not opened",
		"还要开就再投一次", "send it again if it is still wanted open")
}

func problemDrawerSpool() job.Problem {
	return say("not_permitted", "/payload/command",
		"投递文件夹不能开钱箱", "the drop folder may not open the drawer",
		`要允许，在配置 [spool] 里写 allow = ["drawer_open"]；或用 receiptd drawer open`, `to allow it write allow = ["drawer_open"] under [spool]; or use receiptd drawer open`)
}

func problemDrawerHere() job.Problem {
	return say("not_permitted", "/payload/command",
		"这条路不能开钱箱", "no drawer is opened this way",
		"在收银机上开：柜台页，或 receiptd drawer open", "open it at the till: on the counter page, or with receiptd drawer open")
}

func problemNoDrawer(printer string) job.Problem {
	if printer != "" {
		return say("no_drawer", "/printer",
			"打印机 "+printer+" 没有接钱箱的口", "the printer "+printer+" has no connector for a drawer",
			"有就在它的 [[printer]] 里写 drawer_pin = 2", "if it has, write drawer_pin = 2 into its [[printer]] section")
	}
	return say("no_drawer", "/printer",
		"不知道是哪台打印机上的钱箱", "it is not clear on which printer the drawer is",
		"在那台打印机的 [[printer]] 里写 drawer_pin = 2，或在命令里指明打印机", "write drawer_pin = 2 into that printer's [[printer]] section, or name the printer in the command")
}

func problemNotPermitted(name string) job.Problem {
	return say("not_permitted", "/payload/command",
		"此操作需要授权："+name, "this needs a permission: "+name,
		"由主管用密码操作", "let a supervisor do it with the PIN")
}

func problemJobUnknown(id string) job.Problem {
	return say("job_unknown", "/payload/target_job_id",
		"没有这个任务："+id, "there is no such job: "+id,
		"target_job_id 填单据自己的 job_id（不是命令的）", "give the job_id of the slip itself, not of a command, as target_job_id")
}

func problemNotPrinted(s vocabulary.State) job.Problem {
	return say("not_yet_printed", "/payload/copy",
		fmt.Sprintf("这一联没有打印记录（%s）", vocabulary.Zh(vocabulary.KindState, s)), fmt.Sprintf("this copy is not known as printed (%s)", s),
		"先处理它现在的状态", "deal with its present state first")
}

func problemDefectiveClosed(batchNo string) job.Problem {
	return say("batch_settled", "/payload/copy",
		fmt.Sprintf("已记为废票；批次 %s 已结算，不再补打", batchNo), fmt.Sprintf("noted as defective; batch %s is settled, so no copy follows", batchNo),
		"需要时由主管打调单副本", "a supervisor can print a retrieval copy")
}

func problemNothingToCancel() job.Problem {
	return say("nothing_to_cancel", "",
		"没有可取消的联：已打印或正在打印", "nothing can be cancelled: printed, or being printed",
		"无需操作", "nothing to do")
}

func problemNotUncertain() job.Problem {
	return say("not_uncertain", "/payload/copy",
		"没有“不确定”的联需要回答", "no copy is uncertain",
		"查看这份单据的状态", "look at the slip's state")
}

func problemNoReversal(voucher int64) job.Problem {
	return say("voucher_unknown", "/payload/voucher_no",
		fmt.Sprintf("凭证 %s 没有待处理的冲正", record.VoucherText(voucher)), fmt.Sprintf("voucher %s has no standing reversal", record.VoucherText(voucher)),
		"核对凭证号和终端号", "check the voucher and terminal numbers")
}

func problemReversalAmbiguous(voucher int64, list []standingReversal) job.Problem {
	var which []string
	for _, r := range list {
		which = append(which, r.Terminal+"/"+r.batchNo)
	}
	s := strings.Join(which, ", ")
	return say("terminal_ambiguous", "/payload/terminal_no",
		fmt.Sprintf("凭证 %s 有多笔待处理的冲正（终端号/批次号）：%s", record.VoucherText(voucher), s),
		fmt.Sprintf("voucher %s has several standing reversals (terminal/batch): %s", record.VoucherText(voucher), s),
		"加上 terminal_no 和 batch_no 再试", "give terminal_no and batch_no and try again")
}
