package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/fleet/enroll"
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

// An enrolment is what `receiptd fleet enroll` was asked for.
type enrolment struct {
	dir, tenant, address string
	hosts                []string
	renew, revoke        bool
}

func (g fleetCommands) enroll() *cobra.Command {
	var e enrolment
	cmd := &cobra.Command{
		Use: "enroll NAME", Short: g.a.say("给门店、总部或服务器发证书", "Give a shop, a centre or the broker its certificate"), Args: cobra.ExactArgs(1),
		Long: g.a.say("在总部的电脑上运行。第一次会在 --dir 建一个只属于这个连锁的证书机构；ca.key 不要离开这台电脑。\n给出的文件夹拷到门店，把显示的 [fleet] 段写进门店的 receiptd.toml。",
			"Run it on the centre's computer. The first time it makes an authority of this chain alone in --dir; ca.key stays on that computer.\nCarry the folder that it gives to the shop and put the section that it shows into the shop's receiptd.toml."),
		Example: "  receiptd fleet enroll broker --host mqtt.example.com --tenant acme\n  receiptd fleet enroll hub1\n  receiptd fleet enroll shop-1 --tenant acme --address tls://mqtt.example.com:8883\n  receiptd fleet enroll shop-1 --revoke",
		RunE:    func(_ *cobra.Command, args []string) error { return g.run(args[0], e) },
	}
	f := cmd.Flags()
	f.StringVar(&e.dir, "dir", "fleet-ca", g.a.say("证书机构的文件夹", "the authority's folder"))
	f.StringVar(&e.tenant, "tenant", "acme", g.a.say("商户名，写进显示的配置段", "the tenant, for the section that is shown"))
	f.StringVar(&e.address, "address", "tls://mqtt.example.com:8883", g.a.say("服务器的地址，写进显示的配置段", "the broker's address, for the section that is shown"))
	f.StringSliceVar(&e.hosts, "host", nil, g.a.say("服务器的主机名或 IP：发的是服务器的证书", "a host name or address of the broker: the certificate is the broker's"))
	f.BoolVar(&e.renew, "renew", false, g.a.say("已有证书时换一张新的", "a new certificate in the place of the one there is"))
	f.BoolVar(&e.revoke, "revoke", false, g.a.say("吊销：写进 crl.pem，服务器读了就不再让它连", "revoke it: it goes into crl.pem, and a broker that has read that lets it in no more"))
	return cmd
}

// An enrolled is what `receiptd fleet enroll --json` prints.
type enrolled struct {
	Name    string    `json:"name"`
	Folder  string    `json:"folder,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	CRL     string    `json:"crl,omitempty"`
	Section string    `json:"section,omitempty"`
}

func (g fleetCommands) run(name string, e enrolment) error {
	a, made, err := enroll.Open(e.dir, e.tenant, time.Now())
	if err != nil {
		return err
	}
	if e.revoke {
		if err := a.Revoke(name); err != nil {
			return g.worded(err)
		}
		out := enrolled{Name: name, CRL: filepath.Join(e.dir, enroll.CRLFile)}
		return g.a.print(out, func(w io.Writer) {
			fmt.Fprintln(w, g.a.say(name+" 已吊销。把 "+out.CRL+" 拷给服务器并让它重读；还连着的要重启服务器才断。", name+" is revoked. Give "+out.CRL+" to the broker and have it read that; a connection that stands ends only with a restart of the broker."))
		})
	}
	dir, err := a.Issue(enroll.Member{Name: name, Hosts: e.hosts, Renew: e.renew})
	if err != nil {
		return g.worded(err)
	}
	out := enrolled{Name: name, Folder: dir}
	if _, out.Until, err = enroll.Leaf(filepath.Join(dir, enroll.CertFile)); err != nil {
		return err
	}
	if len(e.hosts) == 0 {
		out.Section = fmt.Sprintf("[fleet]\nbroker = %q\nca = \"ca.pem\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\ntenant = %q\nshop = %q\n", e.address, cmp.Or(e.tenant, "acme"), name)
	}
	return g.a.print(out, func(w io.Writer) {
		if made {
			fmt.Fprintln(w, g.a.say("新建了证书机构："+e.dir+"（ca.key 不要离开这台电脑，备份它）", "A new authority: "+e.dir+" (ca.key stays on this computer; keep a backup of it)"))
		}
		fmt.Fprintln(w, g.a.say("证书在 "+dir+"，有效到 "+out.Until.Format(time.DateOnly), "The certificate is in "+dir+", valid until "+out.Until.Format(time.DateOnly)))
		if out.Section != "" {
			fmt.Fprint(w, "\n"+out.Section)
		}
	})
}

// worded says what to do about an error that a person made.
func (g fleetCommands) worded(err error) error {
	switch {
	case errors.Is(err, enroll.ErrExists):
		return errors.New(g.a.say("这个名字已经有证书了；换新的加 --renew，作废加 --revoke", "there is a certificate for this name already; add --renew for a new one, --revoke to end it"))
	case errors.Is(err, enroll.ErrName):
		return errors.New(g.a.say("名字用 1 到 32 个字母、数字、横线", "a name has 1 to 32 letters, digits and dashes"))
	}
	return err
}
