package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/hub/site"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/vocabulary"
)

// atHub tells whether `fleet status` is asked at a centre: its file is named, or stands at the usual place.
func (g fleetCommands) atHub() bool { return settings.IsHub(hubCommands(g).path()) }

// hubStatus shows the hub and the shops that need somebody.
func (g fleetCommands) hubStatus(ctx context.Context, all bool) error {
	c, _, err := hubCommands(g).client()
	if err != nil {
		return err
	}
	var st site.Status
	var list struct {
		Shops []site.ShopLine `json:"shops"`
	}
	if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/status"}, &st); err != nil {
		return err
	}
	if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/shops"}, &list); err != nil {
		return err
	}
	out := struct {
		site.Status
		List []site.ShopLine `json:"list"`
	}{st, nonNil(list.Shops)}
	return g.a.print(out, func(w io.Writer) {
		switch {
		case st.Connected:
			fmt.Fprintf(w, g.a.say("总部 %s 已连上 %s\n", "hub %s is connected to %s\n"), st.Name, st.Broker)
		case st.Failure != nil:
			fmt.Fprintf(w, g.a.say("总部 %s 没有连上 %s\n", "hub %s is not connected to %s\n"), st.Name, st.Broker)
		default:
			fmt.Fprintf(w, g.a.say("总部 %s 正在连 %s\n", "hub %s is connecting to %s\n"), st.Name, st.Broker)
		}
		g.hubTroubles(w, &st)
		if st.Connected && len(list.Shops) == 0 {
			fmt.Fprintln(w, g.a.say("还没听到过任何门店。有门店连着的话，看服务器的 ACL 里有没有这个总部的一段（receiptd fleet enroll 发证书时显示过）。",
				"No shop was heard yet. Where one is connected, look whether the broker's ACL has this hub's block (receiptd fleet enroll showed it)."))
		}
		fmt.Fprintf(w, g.a.say("门店 %d 家：要处理 %d，看一下 %d，关着 %d，正常 %d；等着发 %d 单，没回话 %d 单\n",
			"%d shops: %d need somebody, %d to look at, %d off, %d well; %d jobs wait to leave, %d are not answered\n"), len(list.Shops), st.Shops["bad"], st.Shops["warn"], st.Shops["off"], st.Shops["ok"],
			st.Jobs["waiting"], st.Jobs["published"])
		for _, x := range list.Shops {
			if !all && x.Level == "ok" {
				continue
			}
			text := ""
			for i, t := range x.Reasons {
				if i > 0 {
					text += g.a.say("；", "; ")
				}
				text += g.a.say(t.Zh, t.En)
			}
			fmt.Fprintf(w, "%-5s %s  %s\n", x.Level, x.Name, text)
		}
	})
}

// hubTroubles writes what a hub says is wrong with it.
func (g fleetCommands) hubTroubles(w io.Writer, st *site.Status) {
	for _, p := range []*hub.Problem{st.Failure, st.Store, st.Left} {
		if p != nil {
			fmt.Fprintln(w, g.a.say(p.Message.Zh+p.Fix.Zh, p.Message.En+" "+p.Fix.En))
		}
	}
}

func (g fleetCommands) send() *cobra.Command {
	var expiry time.Duration
	var fresh bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "send SHOP FILE", Short: g.a.say("从总部给一家店发任务", "Send a job to a shop, from its centre"), Args: cobra.ExactArgs(2),
		Long: g.a.say("任务先存进总部的库，再发，直到门店自己说收下了。发几次都只打一张：job_id 不变。FILE 是投递文件夹用的 JSON，- 是标准输入。",
			"The job goes into the hub's store, then out, until the shop itself has said accepted. However often it is sent it is one slip, by its\njob_id. FILE is JSON as in the drop folder; - is standard input."),
		Example: "  receiptd fleet send shop-1 order.json --expires 20m --wait 10s",
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := g.a.readFileArg(args[1])
			if err != nil {
				return err
			}
			c, _, err := hubCommands(g).client()
			if err != nil {
				return err
			}
			q := url.Values{}
			if expiry > 0 {
				q.Set("expires_in", expiry.String())
			}
			if fresh {
				q.Set("new", "1")
			}
			var out struct {
				Job store.Job `json:"job"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/shops/" + url.PathEscape(args[0]) + "/jobs?" + q.Encode(), Body: data}, &out); err != nil {
				return err
			}
			j, err := g.settled(cmd.Context(), c, out.Job, wait)
			if err != nil {
				return err
			}
			var st site.Status
			if j.State == store.Waiting || j.State == store.Published { // why it may be so
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/status"}, &st); err != nil {
					return err
				}
			}
			if err := g.a.print(j, func(w io.Writer) {
				fmt.Fprintln(w, j.JobID+g.a.say("：", ": ")+g.stateText(j))
				g.hubTroubles(w, &st)
			}); err != nil {
				return err
			}
			if j.State == store.Rejected || j.State == store.Expired {
				return codeError{exitRefused, ""}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.DurationVar(&expiry, "expires", 0, g.a.say("过了这么久还没收下就不再打印（订单 20 分钟，其他 7 天）", "not to be printed when not taken by then (orders 20m, others a week)"))
	f.BoolVar(&fresh, "new-shop", false, g.a.say("这家店还没连过也收", "take it for a shop that has never connected too"))
	f.DurationVar(&wait, "wait", 0, g.a.say("等门店回话，最多这么久", "wait for the shop's answer, at most so long"))
	return cmd
}

// settled asks until a job has an end, or for so long.
func (g fleetCommands) settled(ctx context.Context, c *client.Client, j store.Job, wait time.Duration) (store.Job, error) {
	for until := time.Now().Add(wait); (j.State == store.Waiting || j.State == store.Published) && time.Now().Before(until); {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return j, ctx.Err()
		}
		var now store.Job
		if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/shops/" + url.PathEscape(j.Shop) + "/jobs/" + url.PathEscape(j.JobID)}, &now); err != nil {
			return j, err
		}
		j = now
	}
	return j, nil
}

func (g fleetCommands) stateText(j store.Job) string {
	switch j.State {
	case store.Waiting:
		return g.a.say("存好了，等着发", "stored; it waits to leave")
	case store.Published:
		return g.a.say("发了，门店还没回话", "sent; the shop has not answered yet")
	case store.Accepted:
		return g.a.say("门店收下了", "the shop has taken it")
	case store.Expired:
		return g.a.say("过期了，不会打印", "expired; it is never printed")
	}
	t := vocabulary.Word(vocabulary.KindOutcome, string(j.Outcome))
	text := g.a.say("门店没有收：", "the shop did not take it: ") + g.a.say(t.Zh, t.En)
	for _, e := range j.Errors {
		text += " " + e.Code + " " + e.Pointer
	}
	return text
}

func (g fleetCommands) watch() *cobra.Command {
	var shop string
	var since int64
	cmd := &cobra.Command{
		Use: "watch", Short: g.a.say("看门店的事件，来一条显示一条", "Show what shops tell, as it comes"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := hubCommands(g).client()
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("since") {
				var st site.Status
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/status"}, &st); err != nil {
					return err
				}
				since = st.Last
			}
			for cmd.Context().Err() == nil {
				var list struct {
					Events []store.Line `json:"events"`
				}
				q := url.Values{"after": {strconv.FormatInt(since, 10)}, "wait": {"20s"}, "shop": {shop}}
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/events?" + q.Encode()}, &list); err != nil {
					if cmd.Context().Err() != nil {
						return nil
					}
					return err
				}
				for _, l := range list.Events {
					since = l.N
					if err := g.a.print(l, func(w io.Writer) { g.eventLine(w, l) }); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&shop, "shop", "", g.a.say("只看这家店", "only this shop"))
	cmd.Flags().Int64Var(&since, "since", 0, g.a.say("从这个号之后开始，0 是最早的（不写：从现在）", "begin after this number, 0 for the oldest (default: now)"))
	return cmd
}

func (g fleetCommands) eventLine(w io.Writer, l store.Line) {
	word := func(k vocabulary.Kind, code string) string {
		if t := vocabulary.Word(k, code); t != (vocabulary.Text{}) {
			return g.a.say(t.Zh, t.En)
		}
		return code
	}
	e := l.Event
	text := word(vocabulary.KindEvent, string(e.Type))
	for _, x := range []string{e.JobID, e.Copy, word(vocabulary.KindState, e.State), word(vocabulary.KindReason, string(e.Reason)), word(vocabulary.KindOutcome, string(e.Outcome)), e.Printer} {
		if x != "" {
			text += "  " + x
		}
	}
	fmt.Fprintf(w, "%d  %s  %s  %s\n", l.N, l.Came.In(g.a.zone).Format("15:04:05"), l.Shop, text)
}

func (g fleetCommands) reprint() *cobra.Command {
	var a site.Asked
	cmd := &cobra.Command{
		Use: "reprint SHOP", Short: g.a.say("请一家店补打", "Ask a shop for a reprint"), Args: g.a.one("SHOP"),
		Long:    g.a.say("补打的小票带标记；门店的 [fleet] allow 里有 reprint 才会打。", "What comes out is marked; it comes only where the shop's [fleet] allow has reprint."),
		Example: "  receiptd fleet reprint shop-1 --job order-105233 --reason lost",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !a.OneTarget() {
				return g.a.usage("写明一个目标：--job、--voucher 或 --last", "name one target: --job, --voucher or --last")
			}
			c, _, err := hubCommands(g).client()
			if err != nil {
				return err
			}
			a.Cmd = wire.CmdReprint
			var out store.Command
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/shops/" + url.PathEscape(args[0]) + "/commands", Body: a}, &out); err != nil {
				return err
			}
			return g.replied(out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&a.JobID, "job", "", g.a.say("哪一单（job_id）", "which job (job_id)"))
	f.StringVar(&a.VoucherNo, "voucher", "", g.a.say("哪个凭证号", "which voucher"))
	f.BoolVar(&a.Last, "last", false, g.a.say("最后一单", "the last slip"))
	f.StringVar(&a.Reason, "reason", "customer_request", g.a.say("原因：no_paper、blank_slip、lost、customer_request", "why: no_paper, blank_slip, lost, customer_request"))
	f.StringVar(&a.Printer, "printer", "", g.a.say("用哪台打印机", "on which printer"))
	g.a.operatorFlag(cmd, &a.Operator)
	return cmd
}

// replied tells what became of a command.
func (g fleetCommands) replied(c store.Command) error {
	r := c.Reply
	text := g.a.say("门店还没有回话；做没做，看它的小票", "the shop has not answered; whether it was done shows in its slips")
	code := exitUncertain
	switch {
	case r == nil:
	case r.OK && (r.Answer == nil || r.Answer.Taken()):
		text, code = g.a.say("门店做了", "the shop did it"), exitDone
	case r.Problem != nil:
		text, code = g.a.say(r.Problem.Message.Zh+r.Problem.Fix.Zh, r.Problem.Message.En+" "+r.Problem.Fix.En), exitRefused
		if r.Problem.Code == refusedPermission {
			code = exitNotPermitted
		}
	case r.Answer == nil:
		text, code = g.a.say("门店没有做", "the shop did not do it"), exitRefused
	default:
		t := vocabulary.Word(vocabulary.KindOutcome, string(r.Answer.Outcome))
		text, code = g.a.say("门店没有做：", "the shop did not do it: ")+g.a.say(t.Zh, t.En), exitRefused
		for _, e := range r.Answer.Errors {
			text += " " + e.Code
		}
	}
	if err := g.a.print(c, func(w io.Writer) { fmt.Fprintln(w, text) }); err != nil || code == exitDone {
		return err
	}
	return codeError{code, ""}
}
