package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/hub/settings"
)

// fleetCommands are `receiptd fleet`.
type fleetCommands struct{ a *app }

func (g fleetCommands) command() *cobra.Command {
	return g.a.group("fleet", "连锁总部", "The fleet of a chain", g.status(), g.send(), g.watch(), g.reprint(), g.enroll())
}

func (g fleetCommands) status() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "status", Short: g.a.say("看本店和总部的连接；在总部看各家门店", "Show this shop's connection to its fleet; at a centre, its shops"), Args: g.a.none(),
		Long: g.a.say("有总部的配置文件（--config 指明，或 "+settings.DefaultPath+"）时显示门店，要处理的在前。", "Where there is a hub's configuration (named with --config, or "+settings.DefaultPath+") it shows the shops, those that need somebody first."),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if g.atHub() {
				return g.hubStatus(cmd.Context(), all)
			}
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			f, err := ask[api.Fleet](cmd.Context(), cfg, "/v1/fleet")
			if err != nil {
				return err
			}
			return g.a.print(f, func(w io.Writer) { g.write(w, f) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, g.a.say("在总部：正常的门店也列出来", "at a centre: list the shops that are well too"))
	return cmd
}

func (g fleetCommands) write(w io.Writer, f api.Fleet) {
	switch {
	case !f.On:
		fmt.Fprintln(w, g.a.say("没有连总部：配置里没有 [fleet] broker。", "No fleet: the configuration has no [fleet] broker."))
		return
	case f.Connected:
		fmt.Fprintln(w, g.a.say("已连上 ", "Connected to ")+f.Broker)
	case f.Failure == "":
		fmt.Fprintln(w, g.a.say("正在连 ", "Connecting to ")+f.Broker)
	default:
		fmt.Fprintln(w, g.a.say("没有连上 ", "Not connected to ")+f.Broker+g.a.say("：", ": ")+g.a.say(f.Text.Zh, f.Text.En))
	}
	fmt.Fprintf(w, g.a.say("商户 %s，门店 %s；总部还没存的事件号差 %d\n", "tenant %s, shop %s; the slowest centre is %d event numbers behind\n"), f.Tenant, f.Shop, f.Behind)
	fmt.Fprintf(w, g.a.say("启动以来：收下 %d 单，重复 %d，过期 %d，无效 %d；命令 %d，不许做的 %d\n", "since the start: %d jobs taken, %d repeated, %d expired, %d rejected; %d commands, %d not allowed\n"),
		f.Jobs, f.Repeated, f.Expired, f.Rejected, f.Commands, f.Denied)
	if !f.TakenOver.IsZero() {
		fmt.Fprintln(w, g.a.say("警告：另一台 receiptd 用过本店的身份，", "Warning: another receiptd came under this shop's identity, ")+f.TakenOver.Local().Format("01-02 15:04"))
	}
}
