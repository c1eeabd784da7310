package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Problem is what is wrong, and what to do about it, for people and programs.
type Problem = job.Problem

// A Wrong is what a request cannot be done for.
type Wrong struct{ Problems []Problem }

// Error is the first in English.
func (w *Wrong) Error() string { return w.Problems[0].Message.En }

func wrong(code, zh, en, fixZh, fixEn string) *Wrong {
	return &Wrong{[]Problem{{Code: code, Message: vocabulary.Text{Zh: zh, En: en}, Fix: vocabulary.Text{Zh: fixZh, En: fixEn}}}}
}

// A Submission is a job that is to reach a shop.
type Submission struct {
	Shop   string
	Data   []byte
	Expiry time.Duration // 0: an order 20 minutes, any other a week
	Source string        // api, folder: for people
	New    bool          // the shop may be one that was never heard of
}

// A Submitted is what became of a Submission.
type Submitted struct {
	Job      store.Job   `json:"job"`
	Added    store.Added `json:"-"`
	Warnings []Problem   `json:"warnings,omitempty"`
}

// Submit takes a job with the checks that the shop's door has; card numbers in it are masked before anything is kept. It is on disk when Submit returns without an error. Errors: *Wrong, and those of
// the store.
func (h *Hub) Submit(ctx context.Context, s Submission) (out Submitted, err error) {
	if !wire.GoodName(s.Shop) {
		return out, wrong("shop_unknown", "没有这个门店名。", "A shop cannot be called that.", "店名是证书里的名字：1 到 32 个字母、数字、横线。", "A shop's name is that in its certificate: 1 to 32 letters, digits, dashes.")
	}
	r := job.Parse(s.Data)
	if r.Job == nil {
		return out, &Wrong{r.Errors}
	}
	j := r.Job
	switch {
	case j.Kind == job.KindCommand:
		return out, wrong("not_permitted", "命令不能当任务发。", "A command is not sent as a job.", "用 receiptd fleet reprint，或接口 /v1/shops/SHOP/commands。", "Use receiptd fleet reprint, or the API's /v1/shops/SHOP/commands.")
	case wire.Identifier(j.ID) != j.ID:
		return out, wrong("job_id_unusable", "job_id 里有总部不收的字符，或像卡号。", "The job_id holds characters that a centre does not take, or looks like a card number.",
			"job_id 用 1 到 80 个字母、数字和 . _ : # @ ~ -。", "Use 1 to 80 letters, digits and . _ : # @ ~ - for the job_id.")
	case s.Expiry < 0 || s.Expiry > 365*24*time.Hour:
		return out, wrong("invalid", "有效期不对。", "That is no time to expire in.", "写 20m、12h 这样的时间，不超过一年。", "Give a time like 20m or 12h, at most a year.")
	}
	if _, err := h.o.Store.Shop(ctx, s.Shop); errors.Is(err, store.ErrNotFound) && !s.New {
		return out, wrong("shop_unknown", "总部没有听说过 "+s.Shop+" 这家店。", "This hub has never heard of a shop "+s.Shop+".",
			"检查店名；新店还没连过的话加 --new-shop（接口加 ?new=1）。", "Check the name; for a shop that has not connected yet add --new-shop (in the API ?new=1).")
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	if s.Expiry == 0 {
		if s.Expiry = wire.JobExpiry; j.Kind == job.KindOrder {
			s.Expiry = wire.OrderExpiry
		}
	}
	out.Warnings = r.Warnings
	out.Job, out.Added, err = h.o.Store.Add(ctx, store.New{Shop: s.Shop, JobID: j.ID, Kind: string(j.Kind), Hash: string(j.Kind) + ":" + j.Hash, Source: s.Source, Content: r.Redacted, Expires: h.o.Now().Add(s.Expiry)})
	if err == nil && out.Added == store.AddedNew {
		h.Nudge()
	}
	return out, err
}

// commandLife is how long a command is asked again.
const commandLife = wire.CommandExpiry

// Command asks a shop for something and waits for its reply until ctx ends. What it gives may still be open then. Errors: *Wrong, and those
// of the store.
func (h *Hub) Command(ctx context.Context, shop string, c wire.Command, operator string) (store.Command, error) {
	if _, known := wire.NeedOf(c.Cmd); !known {
		return store.Command{}, wrong("unknown_command", "没有这个命令。", "There is no such command.", "看 docs/fleet.md 里的命令表。", "See the table of commands in docs/fleet.md.")
	}
	if c.CmdID == "" {
		c.CmdID = "c-" + strings.ToLower(rand.Text()[:16])
	}
	if id := c.CmdID; wire.Identifier(id) != id || len(id) > 48 || strings.ContainsAny(id, ":#@~") {
		return store.Command{}, wrong("invalid", "命令没有可用的 cmd_id。", "The command has no cmd_id that can be used.", "cmd_id 用 1 到 48 个字母、数字、点、横线。", "Use 1 to 48 letters, digits, dots and dashes as its cmd_id.")
	}
	if c.Cmd == wire.CmdReprint && !c.OneTarget() {
		return store.Command{}, wrong("invalid", "补打要写明一个目标。", "A reprint names one target.", "写 job_id、voucher_no 或 last 中的一个。", "Give one of job_id, voucher_no and last.")
	}
	if old, err := h.o.Store.Command(ctx, c.CmdID); err == nil && old.Shop != shop {
		return store.Command{}, wrong("conflict", "这个 cmd_id 已经给另一家店用过。", "This cmd_id was used for another shop.", "换一个新的 cmd_id。", "Use a new cmd_id.")
	} else if err != nil {
		if err := h.reachable(ctx, shop); err != nil {
			return store.Command{}, err
		}
	}
	if err := h.o.Store.Ask(ctx, shop, c, operator, commandLife); err != nil {
		return store.Command{}, err
	}
	h.Nudge()
	for {
		changed := h.o.Store.Changed()
		now, err := h.o.Store.Command(context.WithoutCancel(ctx), c.CmdID)
		if err != nil || !now.Open || ctx.Err() != nil {
			return now, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// reachable tells a person at once that a command would come to nothing.
func (h *Hub) reachable(ctx context.Context, shop string) error {
	x, err := h.o.Store.Shop(ctx, shop)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return wrong("shop_unknown", "总部没有听说过这家店。", "This hub has never heard of that shop.", "用 receiptd fleet status 看有哪些店。", "See the shops with receiptd fleet status.")
	case err != nil:
		return err
	case x.Known && !x.State.Online:
		return wrong("shop_offline", "这家店现在没连上，命令没有发。", "The shop is not connected now; the command was not sent.", "等它连上再试，或打电话给店里。", "Try again when it is connected, or telephone the shop.")
	case !h.line.Status().Connected:
		return wrong("hub_offline", "总部没连上服务器，命令没有发。", "The hub is not connected to its broker; the command was not sent.", "看页面上方的提示，连上后再试。", "See the note at the top of the page; try again when it is connected.")
	}
	return nil
}
