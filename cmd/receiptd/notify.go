package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
)

// notifyCommands are `receiptd notify`.
type notifyCommands struct{ a *app }

func (g notifyCommands) command() *cobra.Command {
	return g.a.group("notify", "通知店外的人", "Tell somebody outside", g.list(), g.test(), g.secret())
}

// askReceivers asks the running daemon how it stands with the receivers.
func askReceivers(ctx context.Context, cfg *config.Config) ([]api.Receiver, error) {
	page, err := ask[api.Receivers](ctx, cfg, "/v1/notify")
	return page.Receivers, err
}

func (g notifyCommands) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: g.a.say("列出接收方，以及通知送到没有", "List the receivers, and whether messages reach them"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			list, err := askReceivers(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return g.a.print(api.Receivers{Receivers: list}, func(w io.Writer) { g.write(w, list) })
		},
	}
}

func (g notifyCommands) write(w io.Writer, list []api.Receiver) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("没有接收方：配置里没有 [[notify]]。", "No receivers: the configuration has no [[notify]]."))
		return
	}
	t := newTable(g.a.say("接收方", "RECEIVER"), g.a.say("形式", "FORM"), g.a.say("等着", "PENDING"), g.a.say("上次送到", "LAST TOLD"), g.a.say("放弃", "GIVEN UP"), g.a.say("情况", "STATE")).numbers(2)
	for _, r := range list {
		state, last := g.a.say("正常", "good"), "-"
		if r.Failure != "" {
			state = g.a.say(r.Text.Zh, r.Text.En)
		}
		if !r.LastTold.IsZero() {
			last = r.LastTold.Local().Format("01-02 15:04")
		}
		t.add(r.Name, r.Form, strconv.Itoa(r.Pending), last, strconv.Itoa(r.GivenUp), state)
	}
	t.write(w, "")
}

func (g notifyCommands) test() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: g.a.say("给一个接收方发一条测试消息", "Send a receiver a test message"), Args: g.a.one("NAME"),
		Long:    g.a.say("由运行中的 receiptd 发出，等对方回答。不影响等着的消息。", "The running receiptd sends it and waits for the answer. Messages that wait are not touched."),
		Example: "  receiptd notify test owner",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var answer map[string]string
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/notify/" + url.PathEscape(args[0]) + "/test"}, &answer); err != nil {
				return err
			}
			return g.a.print(answer, func(w io.Writer) { fmt.Fprintln(w, g.a.say("对方收下了。", "The receiver took it.")) })
		},
	}
}

func (g notifyCommands) secret() *cobra.Command {
	return &cobra.Command{
		Use: "secret", Short: g.a.say("生成一个密钥（form = \"json\" 用）", "Make a secret (for form = \"json\")"), Args: g.a.none(),
		Long: g.a.say("写进只有管理员和 receiptd 能读的文件，用 secret_file 指过去；接收方也要有它。", "Put it into a file that only the administrator and receiptd may read and name that in secret_file; the receiver needs it too."),
		RunE: func(*cobra.Command, []string) error {
			key := make([]byte, 32)
			_, _ = rand.Read(key) // it never fails
			secret := "whsec_" + base64.StdEncoding.EncodeToString(key)
			return g.a.print(map[string]string{"secret": secret}, func(w io.Writer) { fmt.Fprintln(w, secret) })
		},
	}
}
