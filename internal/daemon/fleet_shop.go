package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// remote begins the operator of what a centre did: nobody there saw the paper.
const remote = "remote-"

func isNotFound(err error) bool { return errors.Is(err, queue.ErrNotFound) }

// A centreShop is asked how the shop is, and does what its centre is allowed.
type centreShop struct {
	*centre
	shares wire.Shares
}

// State tells how the shop is.
func (s *centreShop) State(ctx context.Context) (wire.State, error) {
	waiting, err := s.queue.Waiting.Outstanding(ctx)
	if err != nil {
		return wire.State{}, err
	}
	reversals, err := s.queue.Jobs.Reversals(ctx, false)
	if err != nil {
		return wire.State{}, err
	}
	out := wire.State{Version: s.version, Printers: wire.PrintersOf(s.printers.Printers()), Reversals: len(reversals), DiskFull: s.queue.Journal.DiskFull()}
	for _, o := range waiting {
		if o.State == queue.Uncertain {
			out.Uncertain += o.Count
			continue
		}
		for i := range out.Printers {
			if out.Printers[i].Name == o.Printer {
				out.Printers[i].Waiting += o.Count
			}
		}
	}
	return out, nil
}

// Changed gives a channel that is closed when a printer's state may have changed.
func (s *centreShop) Changed() <-chan struct{} { return s.printers.Changed() }

// TakenOver writes down that another daemon came under this shop's identity, at most once an hour.
func (s *centreShop) TakenOver(ctx context.Context) {
	s.mu.Lock()
	known := time.Since(s.taken) < time.Hour
	if !known {
		s.taken = time.Now()
	}
	s.mu.Unlock()
	if known {
		return
	}
	s.log.Error("another receiptd has come under this shop's identity in the fleet: keep one, and enroll the other under its own name")
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.queue.Alarms.Raise(ctx, "", vocabulary.ReasonFleetTaken, "keep one receiptd under this identity; enroll the other under its own name"); err != nil {
		s.log.Warn("the alarm was not written down", "err", err)
	}
}

// Do does what a centre asks.
func (s *centreShop) Do(ctx context.Context, centre string, c wire.Command) wire.Reply {
	switch c.Cmd {
	case wire.CmdReprint, wire.CmdArchive:
		return s.reprint(ctx, centre, c)
	case wire.CmdFind:
		return s.find(ctx, c)
	case wire.CmdSettleInfo:
		return s.settleInfo(ctx, c)
	case wire.CmdCloseBatch:
		a, err := s.queue.Decisions.CloseBatch(ctx, c.Batch, remote+centre)
		return s.answered(a, err)
	case wire.CmdResolve:
		if c.CameOut == nil {
			return problemReply("invalid", "没有说出纸没有。", "It does not say whether the slip came out.", "加上 came_out。", "Add came_out.")
		}
		a, err := s.queue.Decisions.Resolve(ctx, c.CopyID, *c.CameOut, remote+centre)
		return s.answered(a, err)
	case wire.CmdMove:
		return s.move(ctx, centre, c)
	case wire.CmdProbe:
		p, err := s.printers.Probe(ctx, c.Printer, false, func(string) {})
		if err != nil {
			return problemReply("printer", "打印机现在不能测试。", "The printer cannot be probed now.", "看它的状态，过一会儿再试。", "Look at its state and try again later.")
		}
		return wire.Reply{OK: true, Probe: &wire.Probe{Printer: p.Printer, Tier: p.Tier, Early: p.Early}}
	}
	return problemReply("unknown_command", "这家店不认识这个命令。", "This shop does not know this command.", "给这家店升级。", "Upgrade this shop.")
}

// reprint turns the request into a command of the journal, whose id is the command's: asked for again it prints nothing more.
func (s *centreShop) reprint(ctx context.Context, centre string, c wire.Command) wire.Reply {
	cmd := job.Command{TerminalNo: c.Terminal, OperatorNo: remote + centre, Reason: vocabulary.Reason(c.Reason), VoucherNo: c.VoucherNo, BatchNo: c.BatchNo, CaseNo: c.CaseNo, TargetJobID: c.JobID}
	for _, name := range c.Copies {
		cmd.Copies = append(cmd.Copies, job.CopyName(name))
	}
	switch {
	case c.Cmd == wire.CmdArchive:
		cmd.Name = job.ArchiveCopy
	case !c.OneTarget():
		return problemReply("invalid", "看不懂要补打什么。", "It is not clear what to reprint.", "job_id、voucher_no、last 只用一个。", "Use exactly one of job_id, voucher_no, last.")
	case c.Last:
		cmd.Name = job.ReprintLast
	case c.VoucherNo != "":
		cmd.Name = job.ReprintByVoucher
	default:
		cmd.Name = job.ReprintJob
	}
	text, err := json.Marshal(struct {
		ID      string      `json:"job_id"`
		Kind    job.Kind    `json:"kind"`
		Created time.Time   `json:"created_at"`
		Printer string      `json:"printer,omitempty"`
		Payload job.Command `json:"payload"`
	}{"fleet-" + c.CmdID, job.KindCommand, commandTime, c.Printer, cmd})
	if err != nil {
		return internalReply()
	}
	a, err := s.queue.Requests.Accept(ctx, queue.Arrival{Parsed: s.parse(text), Source: queue.SourceFleet, Permitted: c.Cmd == wire.CmdArchive})
	return s.answered(a, err)
}

// commandTime stands in every command of the fleet: the same command has the same content, whenever it comes.
var commandTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// answered tells what became of a command.
func (s *centreShop) answered(a queue.Answer, err error) wire.Reply {
	if err != nil {
		if isNotFound(err) {
			return problemReply("not_found", "没有这一项。", "There is no such thing here.", "先用 find 或 settle_info 查。", "Look with find or settle_info first.")
		}
		return internalReply()
	}
	out := wire.AnswerOf(&a, s.known)
	return wire.Reply{OK: out.Taken(), Answer: &out}
}

func internalReply() wire.Reply {
	return problemReply("internal", "现在做不了。", "It cannot be done now.", "过一会儿再试；一直不行看这家店的日志。", "Try again in a moment; if it stays so, look at this shop's log.")
}

func problemReply(code, zh, en, fixZh, fixEn string) wire.Reply {
	return wire.Reply{Problem: &wire.Problem{Code: code, Message: vocabulary.Text{Zh: zh, En: en}, Fix: vocabulary.Text{Zh: fixZh, En: fixEn}}}
}

// foundMost is how many slips one find gives.
const foundMost = 50

// find finds slips by their voucher or their job. What is searched by is compared in full: a part of a card is no way to a slip.
func (s *centreShop) find(ctx context.Context, c wire.Command) wire.Reply {
	var list []queue.Summary
	switch {
	case c.JobID != "":
		story, err := s.queue.Jobs.Show(ctx, c.JobID)
		if err != nil && !isNotFound(err) {
			return internalReply()
		} else if err == nil {
			list = append(list, story.Summary)
		}
	case job.NormalVoucher(c.VoucherNo) != "":
		all, _, err := s.queue.Jobs.List(ctx, queue.Filter{Batch: "all", Terminal: c.Terminal, Q: c.VoucherNo, Limit: 500})
		if err != nil {
			return internalReply()
		}
		for i := range all {
			if all[i].VoucherNo != "" && job.NormalVoucher(all[i].VoucherNo) == job.NormalVoucher(c.VoucherNo) && len(list) < foundMost {
				list = append(list, all[i])
			}
		}
	default:
		return problemReply("invalid", "没有说要找什么。", "It does not say what to find.", "给出 job_id 或 voucher_no。", "Give a job_id or a voucher_no.")
	}
	r := wire.Reply{OK: true, Found: make([]wire.Found, len(list))}
	for i := range list {
		x := &list[i]
		f := wire.Found{JobID: wire.Identifier(x.JobID), Kind: x.Kind, VoucherNo: wire.Identifier(x.VoucherNo), Terminal: wire.Identifier(x.TerminalNo), BatchNo: wire.Identifier(x.BatchNo),
			Money: x.Money, AcceptedAt: x.AcceptedAt.UTC(), Copies: wire.CopiesOf(x.Copies, s.known)}
		if s.shares.Amount && x.Currency != "" {
			f.Amount, f.Currency = &x.Amount, x.Currency
		}
		r.Found[i] = f
	}
	return r
}

// settleInfo tells of batches that are not settled, or of those with a number.
func (s *centreShop) settleInfo(ctx context.Context, c wire.Command) wire.Reply {
	list, err := s.queue.Batches.List(ctx, c.BatchNo)
	if err != nil {
		return internalReply()
	}
	r := wire.Reply{OK: true, Batches: []wire.Batch{}}
	for _, b := range list {
		if c.BatchNo == "" && b.State == vocabulary.BatchSettled || len(r.Batches) == foundMost {
			continue
		}
		x := wire.Batch{Batch: b.ID, BatchNo: wire.Identifier(b.BatchNo), Terminal: wire.Identifier(b.TerminalNo), State: b.State, Slips: b.Slips}
		if s.shares.Amount {
			sums, err := s.queue.Batches.Sums(ctx, b.ID)
			if err != nil && !isNotFound(err) {
				return internalReply()
			}
			for _, sum := range sums {
				x.Sums = append(x.Sums, wire.Sum{Currency: sum.Currency, Amount: sum.Amount})
			}
		}
		r.Batches = append(r.Batches, x)
	}
	return r
}

// move sends what waits for a printer to another one.
func (s *centreShop) move(ctx context.Context, centre string, c wire.Command) wire.Reply {
	now := s.printers.now.Load()
	if now.station(c.Printer) == nil || now.station(c.To) == nil || c.Printer == c.To {
		return problemReply("not_found", "没有这两台打印机。", "There are no two such printers.", "用 status 看有哪些。", "See which there are with status.")
	}
	n, err := s.queue.Printing.Move(ctx, c.Printer, c.To, remote+centre)
	if err != nil {
		return internalReply()
	}
	return wire.Reply{OK: true, Moved: &n}
}
