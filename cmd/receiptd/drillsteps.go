package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// What every slip of a drill says of itself, in its head and at its end.
const (
	drillHead     = "演练 DRILL"
	drillFoot     = "演练 DRILL 非凭证 NOT A RECEIPT"
	drillTerminal = "00012345"
	drillMerchant = "898510154110283"
)

// A situation is one thing that goes wrong at a counter.
type situation struct {
	name  job.Text
	steps []step
}

// A step is something to do, and the state of the journal that shows that it was done.
type step struct {
	begin     func(ctx context.Context, d *drill) error           // what happens before; nil: nothing
	shows, do job.Text                                            // what the page shows, and what is to be done
	virtual   job.Text                                            // what is to be done at the virtual printer, where that differs
	hand      func(ctx context.Context, d *drill) error           // does it, where nobody is there
	reached   func(ctx context.Context, d *drill) (string, error) // "" while the journal is not in that state
}

func situations() []situation {
	return []situation{outOfPaper(), tornSlip(), doubtfulSlip(), pendingReversal(), refusedReprint()}
}

// id is that of the newest slip of the drill.
func (d *drill) id() string { return fmt.Sprintf("drill-%d", d.voucher) }

func (d *drill) number() string { return fmt.Sprintf("%06d", d.voucher) }

func (d *drill) batchNo() string { return fmt.Sprintf("%06d", d.batch) }

// clock is the time as jobs say it: always with its distance from UTC, or a till whose clock is on UTC has each slip warn of it.
func clock() string { return time.Now().Format("2006-01-02T15:04:05-07:00") }

func jobOf(kind, id string, payload map[string]any) map[string]any {
	return map[string]any{"job_id": id, "kind": kind, "created_at": clock(), "payload": payload}
}

// head is a job about the drill's own shop and batch.
func (d *drill) head(kind, id string, payload map[string]any) map[string]any {
	all := map[string]any{"merchant": map[string]any{"name": drillHead, "no": drillMerchant}, "terminal_no": drillTerminal, "operator_no": "01", "batch_no": d.batchNo()}
	maps.Copy(all, payload)
	return jobOf(kind, id, all)
}

// ordinary is how many lines of remarks a slip has, and long that of one that a hand is to interrupt: 30 cm, which takes a second or two.
const (
	ordinary = 12
	long     = 40
)

// sale drops the slip of a sale, the merchant's copy only.
func (d *drill) sale(ctx context.Context, lines int) error {
	d.voucher++
	remarks := make([]string, lines)
	for i := range remarks {
		remarks[i] = drillFoot
	}
	j := d.head("transaction", d.id(), map[string]any{"transaction_type": "sale", "result": "approved", "voucher_no": d.number(), "auth_code": "000000", "reference_no": fmt.Sprintf("%012d", d.voucher),
		"card": map[string]any{"masked_pan": "622202******6620", "entry_mode": "chip"}, "transacted_at": clock(),
		"amount": map[string]any{"total": 100 * d.voucher, "currency": "CNY"}, "remarks": remarks})
	j["copies"] = []string{"merchant"}
	_, err := d.post(ctx, j)
	return err
}

// copies gives the copies of the newest slip, the newest last.
func (d *drill) copies(ctx context.Context) ([]api.CopyStatus, error) {
	var story struct {
		Summary struct {
			Copies []api.CopyStatus `json:"copies"`
		} `json:"summary"`
	}
	err := d.client.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/jobs/" + d.id()}, &story)
	return story.Summary.Copies, err
}

// newest gives the newest copy of the newest slip, nil while there is none.
func (d *drill) newest(ctx context.Context) (*api.CopyStatus, error) {
	list, err := d.copies(ctx)
	if err == nil && len(list) > 0 {
		return &list[len(list)-1], nil
	}
	return nil, err
}

// words are a code's words, in the language of the drill.
func words[C ~string](d *drill, kind vocabulary.Kind, code C) string {
	text := vocabulary.Word(kind, code)
	return d.a.say(text.Zh, text.En)
}

// stands says how a copy stands, with its mark, for the cashier.
func (d *drill) stands(c *api.CopyStatus) string {
	text := words(d, vocabulary.KindState, c.State)
	if c.Reason != "" {
		text += " · " + words(d, vocabulary.KindReason, c.Reason)
	}
	if c.PrintNo > 1 {
		text += " · " + words(d, vocabulary.KindMark, c.Mark)
	}
	return d.number() + " " + text
}

// cameOut is reached when the newest copy is on paper.
func cameOut(ctx context.Context, d *drill) (string, error) {
	c, err := d.newest(ctx)
	if err != nil || c == nil || !c.State.OnPaper() {
		return "", err
	}
	return d.stands(c), nil
}

// printedOut is cameOut where nothing was to go wrong. A slip of which nobody knows whether it came out is asked about here too, and waits for
// the answer: a drill that only waited for the paper would never end, and say nothing.
func printedOut(ctx context.Context, d *drill) (string, error) {
	c, err := d.newest(ctx)
	if err != nil || c == nil {
		return "", err
	}
	if c.State == vocabulary.StateUncertain {
		return "", d.doubted(ctx, c)
	}
	return cameOut(ctx, d)
}

// doubted says that a question is open that no step asked for, once for each print, and answers it where nobody is there.
func (d *drill) doubted(ctx context.Context, c *api.CopyStatus) error {
	number := job.Text{Zh: d.number(), En: d.number()}
	if c.PrintNo > 1 {
		number = job.Text{Zh: fmt.Sprintf("%s（第 %d 次打印）", d.number(), c.PrintNo), En: fmt.Sprintf("%s (print %d)", d.number(), c.PrintNo)}
	}
	d.note(job.Text{Zh: number.Zh + " 不知道出没出纸（这一步没安排它）。看纸，回答页面最上面的问题，演练接着走。",
		En: number.En + ": nobody knows whether this slip came out, which this step did not plan. Look at the paper and answer the question at the top of the page; then the drill goes on."})
	if !d.auto {
		return nil
	}
	return d.answerDoubt(ctx, c)
}

// answerDoubt says that a slip did not come out: one more is printed, marked.
func (d *drill) answerDoubt(ctx context.Context, c *api.CopyStatus) error {
	return d.client.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/copies/" + c.CopyID + "/resolve", Body: map[string]any{"came_out": false, "operator_no": "01"}}, nil)
}

// answered is cameOut where the doubt about the first print is what the step asks about: a doubt about one that is printed in its place is not.
func answered(ctx context.Context, d *drill) (string, error) {
	c, err := d.newest(ctx)
	if err != nil || c == nil || c.PrintNo == 1 {
		return cameOut(ctx, d)
	}
	return printedOut(ctx, d)
}

func isHeld(ctx context.Context, d *drill) (string, error) {
	c, err := d.newest(ctx)
	if err != nil || c == nil || c.State != vocabulary.StateHeld {
		return "", err
	}
	return d.stands(c), nil
}

func outOfPaper() situation {
	var before int
	return situation{job.Text{Zh: "缺纸", En: "Out of paper"}, []step{
		{begin: func(ctx context.Context, d *drill) error { return d.sale(ctx, ordinary) },
			do: job.Text{Zh: "先来一张平常的：等它出来。", En: "First one as every day: wait until it is out."}, reached: printedOut},
		{begin: func(ctx context.Context, d *drill) error { before = d.voucher; return d.mayHold(ctx) },
			do:      job.Text{Zh: "把纸抽出来。接着会来一张小票。", En: "Take the paper out. Then a slip comes."},
			virtual: job.Text{Zh: "页面的打印机上按“抽掉纸”。接着会来一张小票。", En: "On the page, at the printer, press \"Take the paper out\". Then a slip comes."},
			hand:    func(_ context.Context, d *drill) error { return d.set(virtual.Change{Paper: "out"}) },
			reached: func(ctx context.Context, d *drill) (string, error) {
				if d.voucher > before {
					return isHeld(ctx, d)
				}
				p, err := d.state(ctx)
				if err == nil && p.State == vocabulary.PrinterHeld {
					err = d.sale(ctx, ordinary)
				}
				return "", err
			}},
		{shows: job.Text{Zh: "打印机标红“缺纸”，小票写着在等。它没有丢，也不用重打。", En: "the printer is marked \"out of paper\" and the slip waits. It is not lost and need not be printed again."},
			do:      job.Text{Zh: "装纸，合盖。别的不用按，它自己接着打。", En: "Put paper in and close the cover. Press nothing else: it goes on by itself."},
			virtual: job.Text{Zh: "按“装上纸”。别的不用按，它自己接着打。", En: "Press \"Load a roll\". Press nothing else: it goes on by itself."},
			hand:    func(_ context.Context, d *drill) error { return d.set(virtual.Change{Paper: "ok"}) },
			reached: printedOut},
	}}
}

// state gives the drill's printer as it is now.
func (d *drill) state(ctx context.Context) (p api.Printer, err error) {
	var list struct {
		Printers []api.Printer `json:"printers"`
	}
	err = d.client.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/printers"}, &list)
	if err == nil && len(list.Printers) > 0 {
		p = list.Printers[0]
	}
	return p, err
}

// mayHold refuses a printer that cannot tell that its paper is out.
func (d *drill) mayHold(ctx context.Context) error {
	p, err := d.state(ctx)
	if err == nil && p.Tier == "D" {
		err = codeError{exitNotReady, d.a.say("这台打印机说不出有没有纸，演练不了；换一台，或不写 --printer 用虚拟的。", "this printer cannot tell whether it has paper, so the drill cannot be done on it; take another one, or the virtual one without --printer.")}
	}
	return err
}

func tornSlip() situation {
	var torn string
	return situation{job.Text{Zh: "小票撕坏了、看不清", En: "A torn or unreadable slip"}, []step{
		{begin: func(ctx context.Context, d *drill) error { return d.sale(ctx, ordinary) },
			do: job.Text{Zh: "等小票出来。", En: "Wait until the slip is out."}, reached: printedOut},
		{begin: func(_ context.Context, d *drill) error { torn = d.id(); return nil },
			shows: job.Text{Zh: "这张小票“已打印”。", En: "this slip is \"printed\"."},
			do:    job.Text{Zh: "当它撕坏了：点开这张小票，在“小票空白或看不清”里重打商户存根。会再出一张，印着“重打印凭证”，第一张作废。", En: "Take it for torn: open the slip on the page and, under \"The slip is blank or unreadable\", print the merchant copy again. One more comes out, marked DUPLICATED; the first one is void."},
			hand: func(ctx context.Context, d *drill) error {
				_, err := d.post(ctx, d.command(torn+"-bad", map[string]any{"command": "mark_defective", "target_job_id": torn, "copy": "merchant", "reason": "torn"}))
				return err
			},
			reached: isReplaced},
	}}
}

// isReplaced is reached when one copy of the newest slip is reported as spoilt and a marked one is on paper. Printing it again is not it:
// then two slips pass for good.
func isReplaced(ctx context.Context, d *drill) (string, error) {
	list, err := d.copies(ctx)
	if err != nil || len(list) == 0 {
		return "", err
	}
	c := &list[len(list)-1]
	if c.State == vocabulary.StateUncertain {
		return "", d.doubted(ctx, c)
	}
	if c.PrintNo < 2 || !c.State.OnPaper() {
		return "", nil
	}
	for i := range list {
		if list[i].State == vocabulary.StateDefective {
			return words(d, vocabulary.KindState, list[i].State) + " → " + d.stands(c), nil
		}
	}
	d.note(job.Text{Zh: "这是补打：撕坏的那张还算数。点开小票，在“小票空白或看不清”里重打。", En: "That was a reprint: the torn one still counts. Open the slip and use \"The slip is blank or unreadable\"."})
	return "", nil
}

// command words a command of the till's software.
func (d *drill) command(id string, payload map[string]any) map[string]any {
	payload["operator_no"] = "01"
	return jobOf("command", id, payload)
}

// How often a real printer may be switched off too late before the drill gives up: each try costs 30 cm of paper.
const lateTries = 5

func doubtfulSlip() situation {
	var due time.Time // of the next slip for a real printer; zero: it is under way
	tries := 0
	return situation{job.Text{Zh: "不知道出没出纸", En: "Nobody knows whether it came out"}, []step{
		{begin: func(ctx context.Context, d *drill) error {
			if d.real != "" {
				due = time.Now().Add(d.pause())
				return nil
			}
			d.printer.AtDots(400, virtual.Change{Power: "off"})
			return d.sale(ctx, ordinary)
		},
			do:      job.Text{Zh: "手放在打印机的电源开关上。10 秒后来一张长小票，打到一半就关。", En: "Put a hand on the printer's power switch. In 10 seconds a long slip comes: switch it off half-way."},
			virtual: job.Text{Zh: "看页面：演练替你在小票打到一半时断了电。", En: "Look at the page: the drill has cut its power half-way through a slip."},
			reached: func(ctx context.Context, d *drill) (string, error) {
				if !due.IsZero() {
					if time.Now().Before(due) {
						return "", nil
					}
					due, tries = time.Time{}, tries+1
					return "", d.sale(ctx, long)
				}
				c, err := d.newest(ctx)
				switch {
				case err != nil || c == nil:
					return "", err
				case c.State.OnPaper() && tries == lateTries:
					return "", codeError{exitFailed, d.a.say("五次都没赶上。用虚拟打印机练这一步：receiptd drill（不写 --printer）。", "it was too late five times. Practise this with the virtual printer: receiptd drill, without --printer.")}
				case c.State.OnPaper():
					due = time.Now().Add(d.pause())
					d.tell(job.Text{Zh: "晚了，小票已经打完。10 秒后再来一张。", En: "Too late, the slip was whole. Another one comes in 10 seconds."})
				case c.State == vocabulary.StateUncertain:
					return d.stands(c), nil
				}
				return "", nil
			}},
		{shows: job.Text{Zh: "最上面问“小票打出来了吗？”，还会响。receiptd 不会自己再打一张钱的小票。", En: "asks at the top \"Did it come out?\", and sounds. receiptd prints no second money slip by itself."},
			do:      job.Text{Zh: "打开电源，看柜台上的纸：不完整就按“没有，再打一张”。会出一张带标记的；撕下的半张作废。", En: "Switch it on and look at the paper: where it is not whole press \"No, print one more\". A marked one comes out; the torn piece is void."},
			virtual: job.Text{Zh: "按“开机”，再看打印机页面上的纸：不完整就按“没有，再打一张”。会出一张带标记的；撕下的半张作废。", En: "Press \"Switch on\" and look at the paper on the printer's page: where it is not whole press \"No, print one more\". A marked one comes out; the torn piece is void."},
			hand: func(ctx context.Context, d *drill) error {
				if err := d.set(virtual.Change{Power: "on"}); err != nil {
					return err
				}
				c, err := d.newest(ctx)
				if err != nil || c == nil {
					return err
				}
				return d.answerDoubt(ctx, c)
			}, reached: answered},
	}}
}

// reversal drops what the terminal says of a reversal of the newest slip's follower.
func (d *drill) reversal(ctx context.Context, status string) error {
	now := clock()
	_, err := d.post(ctx, d.head("reversal", d.id()+"-"+status, map[string]any{"status": status, "attempts": 1, "reason": "no_response", "voucher_no": d.number(), "card": map[string]any{"masked_pan": "622202******6620", "entry_mode": "chip"},
		"amount": map[string]any{"total": 5000, "currency": "CNY"}, "original": map[string]any{"voucher_no": d.number(), "transacted_at": now}, "updated_at": now}))
	return err
}

// reversals are those that stand.
func (d *drill) reversals(ctx context.Context) (n int, err error) {
	var list struct {
		Reversals []json.RawMessage `json:"reversals"`
	}
	err = d.client.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/reversals"}, &list)
	return len(list.Reversals), err
}

func pendingReversal() situation {
	var told time.Time
	return situation{job.Text{Zh: "冲正还没完成", En: "A reversal that is still open"}, []step{
		{begin: func(ctx context.Context, d *drill) error { d.voucher++; return d.reversal(ctx, "pending") },
			do: job.Text{Zh: "看页面，先什么都不按。", En: "Look at the page and press nothing yet."},
			reached: func(ctx context.Context, d *drill) (string, error) {
				n, err := d.reversals(ctx)
				if err != nil || n != 1 {
					return "", err
				}
				told = time.Now()
				return d.number() + " " + words(d, vocabulary.KindMoney, vocabulary.MoneyReversalPending), nil
			}},
		{shows: job.Text{Zh: "红条“请勿重复刷卡”，一直响。钱退没退只有终端知道，小票不是收款凭证。", En: "a red banner \"do not charge again\", and it sounds. Only the terminal knows whether the money went back; paper is not payment."},
			do: job.Text{Zh: "不要再刷一次卡。等终端的结果（演练里几秒后就来）；等不来就叫主管，由他带案号处理。", En: "Do not charge the card again. Wait for the terminal's result (here it comes in a few seconds); if none comes call the supervisor, who settles it with a case number."},
			reached: func(ctx context.Context, d *drill) (string, error) {
				if time.Since(told) < d.pause() {
					return "", nil
				}
				if err := d.reversal(ctx, "succeeded"); err != nil {
					return "", err
				}
				n, err := d.reversals(ctx)
				if err != nil || n != 0 {
					return "", err
				}
				return d.number() + " " + words(d, vocabulary.KindMoney, vocabulary.MoneyReversed), nil
			}},
	}}
}

// pause is how long somebody has to read.
func (d *drill) pause() time.Duration {
	if d.auto {
		return 0
	}
	return 10 * time.Second
}

func refusedReprint() situation {
	var asked api.Answer
	var since time.Time
	return situation{job.Text{Zh: "补打被拒", En: "A reprint that is refused"}, []step{
		{begin: func(ctx context.Context, d *drill) error {
			now := clock()
			_, err := d.post(ctx, d.head("settlement", "drill-settle", map[string]any{"settled_at": now, "scope": "settlement", "currency": "CNY", "blocks": []any{map[string]any{"scope": "domestic", "reconciliation": "balanced",
				"debit": map[string]any{"count": 3, "amount": 600}, "credit": map[string]any{"count": 0, "amount": 0}}}}))
			return err
		},
			do: job.Text{Zh: "终端结算了，等结算单出来。", En: "The terminal settles: wait until the settlement slip is out."},
			reached: func(ctx context.Context, d *drill) (string, error) {
				a, err := d.answer(ctx, "drill-settle")
				if err != nil || len(a.Copies) == 0 {
					return "", err
				}
				switch c := &a.Copies[len(a.Copies)-1]; {
				case c.State == vocabulary.StateUncertain:
					return "", d.doubted(ctx, c)
				case !c.State.OnPaper():
					return "", nil
				}
				return words(d, vocabulary.KindBatch, vocabulary.BatchSettled), nil
			}},
		{begin: func(ctx context.Context, d *drill) (err error) {
			since = time.Now()
			asked, err = d.post(ctx, d.command("drill-refused", map[string]any{"command": "reprint_by_voucher", "voucher_no": "000001", "terminal_no": drillTerminal}))
			return err
		},
			shows: job.Text{Zh: "凭证号 000001 的小票写着“已结算”，没有补打按钮：结算以后不能补打。", En: "voucher 000001 says \"settled\" and has no button to print it: after settlement nothing is reprinted."},
			do:    job.Text{Zh: "在页面上看看凭证号 000001（10 秒后演练结束），不用再试。顾客要底单就叫主管：带案号打“调单副本”，它印着另外的标记。", En: "Look voucher 000001 up on the page (the drill ends in 10 seconds) and do not try again. Where the customer needs it call the supervisor, who prints a retrieval copy with a case number; it is marked as such."},
			reached: func(ctx context.Context, d *drill) (string, error) {
				if time.Since(since) < d.pause() {
					return "", nil
				}
				a, err := d.answer(ctx, "drill-refused")
				if err != nil || a.Outcome != vocabulary.OutcomeRefused || len(asked.Errors) == 0 || asked.Errors[0].Code != "batch_settled" {
					return "", err
				}
				return d.a.say(asked.Errors[0].Message.Zh, asked.Errors[0].Message.En), nil
			}},
	}}
}
