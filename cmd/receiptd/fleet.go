package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
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
		Example: "  receiptd fleet enroll broker --host mqtt.example.com --tenant acme\n  receiptd fleet enroll hub1\n  receiptd fleet enroll shop-1\n  receiptd fleet enroll shop-1 --revoke",
		RunE:    func(_ *cobra.Command, args []string) error { return g.run(args[0], e) },
	}
	f := cmd.Flags()
	f.StringVar(&e.dir, "dir", "fleet-ca", g.a.say("证书机构的文件夹", "the authority's folder"))
	f.StringVar(&e.tenant, "tenant", "", g.a.say("商户名，写进显示的配置段（不写：第一次运行时写的那个，再没有就是 acme）", "the tenant, for the section that is shown (default: that of the first run, else acme)"))
	f.StringVar(&e.address, "address", "", g.a.say("服务器的地址，写进显示的配置段（不写：tls://服务器证书里的名字:8883）", "the broker's address, for the section that is shown (default: tls://, the name in the broker's certificate, :8883)"))
	f.StringSliceVar(&e.hosts, "host", nil, g.a.say("服务器的主机名或 IP：发的是服务器的证书", "a host name or address of the broker: the certificate is the broker's"))
	f.BoolVar(&e.renew, "renew", false, g.a.say("已有证书时换一张新的，主机名照旧；旧的到期前还能用", "a new certificate in the place of the one there is, with its host names; the old one is good until it ends"))
	f.BoolVar(&e.revoke, "revoke", false, g.a.say("吊销这个名字的所有证书，换过的也算：写进 crl.pem，服务器重读后就不再让它连", "revoke all certificates of the name, those before a renewal too: they go into crl.pem, and a broker that has read that lets them in no more"))
	cmd.MarkFlagsMutuallyExclusive("renew", "revoke")
	return cmd
}

// An enrolled is what `receiptd fleet enroll --json` prints.
type enrolled struct {
	Name    string    `json:"name"`
	Folder  string    `json:"folder,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	CRL     string    `json:"crl,omitempty"`
	Revoked int       `json:"revoked,omitempty"` // how many certificates of the name are on the list
	Since   time.Time `json:"since,omitzero"`    // set: those that were issued before and renewed may not be
	Section string    `json:"section,omitempty"`
}

func (g fleetCommands) run(name string, e enrolment) error {
	a, made, err := enroll.Open(e.dir, cmp.Or(e.tenant, "acme"), time.Now())
	if err != nil {
		return err
	}
	if e.revoke {
		return g.revoke(a, name, e)
	}
	dir, err := a.Issue(enroll.Member{Name: name, Hosts: e.hosts, Renew: e.renew})
	if err != nil {
		return g.worded(err)
	}
	out := enrolled{Name: name, Folder: dir}
	leaf, err := enroll.Leaf(filepath.Join(dir, enroll.CertFile))
	if err != nil {
		return err
	}
	if out.Until = leaf.Until; !leaf.Server {
		e.address = cmp.Or(e.address, "tls://"+net.JoinHostPort(cmp.Or(a.Broker(), "mqtt.example.com"), "8883"))
		out.Section = fmt.Sprintf("[fleet]\nbroker = %q\nca = \"ca.pem\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\ntenant = %q\nshop = %q\n", e.address, cmp.Or(e.tenant, a.Organisation()), name)
	}
	return g.a.print(out, func(w io.Writer) {
		if made {
			fmt.Fprintln(w, g.a.say("新建了证书机构："+e.dir+"（ca.key 不要离开这台电脑，备份它）", "A new authority: "+e.dir+" (ca.key stays on this computer; keep a backup of it)"))
		}
		fmt.Fprintln(w, g.a.say("证书在 "+dir+"，有效到 "+out.Until.Format(time.DateOnly), "The certificate is in "+dir+", valid until "+out.Until.Format(time.DateOnly)))
		switch {
		case e.renew && leaf.Server:
			fmt.Fprintln(w, g.a.say("放到服务器上旧文件的位置，让服务器重读配置。", "Put its files in the place of the old ones at the broker, and have it read its configuration again."))
		case e.renew:
			fmt.Fprintln(w, g.a.say("放到旧文件的位置，下次连接就用，不用重启。旧证书到期前还能用；私钥丢了就不要换，用 --revoke 再重新发。",
				"Put its files in the place of the old ones: used from the next connection on, without a restart. The old certificate is good until it ends;\nwhere its key was stolen do not renew: --revoke, then enroll anew."))
		case out.Section != "":
			fmt.Fprint(w, g.a.say("\n门店的 receiptd.toml（总部用 receiptd hub config）：\n", "\nFor a shop's receiptd.toml (a centre has receiptd hub config):\n")+"\n"+out.Section)
		}
	})
}

// revoke ends all certificates of a name.
func (g fleetCommands) revoke(a *enroll.Authority, name string, e enrolment) error {
	r, err := a.Revoke(name)
	if err != nil {
		return g.worded(err)
	}
	out := enrolled{Name: name, CRL: filepath.Join(e.dir, enroll.CRLFile), Revoked: r.Certificates, Since: r.Since}
	return g.a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, g.a.say("%s 已吊销，证书 %d 张。把 %s 拷给服务器，让它重读配置；还连着的要重启服务器才断。\n",
			"%s is revoked; certificates: %d. Give %s to the broker and have it read its configuration again; a connection that stands ends only with a restart of the broker.\n"),
			name, r.Certificates, out.CRL)
		if !r.Since.IsZero() {
			day, until := r.Since.Local().Format(time.DateOnly), r.Until.Local().Format(time.DateOnly)
			fmt.Fprintln(w, g.a.say("注意：发证记录（"+enroll.IssuedDir+"）丢过，只从 "+day+" 起是全的。这个名字在那之前换下来的证书可能还能用，最晚到 "+until+"。要马上断掉，另建证书机构（换一个 --dir），各店重新发。",
				"Note: the record of certificates ("+enroll.IssuedDir+") was lost or is younger than the authority; it is whole from "+day+" on. A certificate of this name that was renewed before then may be good still, until "+until+" at the latest.\nTo end that at once make a new authority (another --dir) and enroll all shops anew."))
		}
		if r.Server {
			fmt.Fprintln(w, g.a.say("这是服务器的证书：门店不看吊销单。服务器的私钥被偷了，要另建证书机构，各店重新发。",
				"It is a broker's: shops look at no list. Where a broker's key was stolen make a new authority and enroll all shops anew."))
		}
	})
}

// worded says what to do about an error that a person made.
func (g fleetCommands) worded(err error) error {
	switch {
	case errors.Is(err, enroll.ErrExists):
		return errors.New(g.a.say("这个名字已经有证书了；换新的加 --renew，作废加 --revoke", "there is a certificate for this name already; add --renew for a new one, --revoke to end it"))
	case errors.Is(err, enroll.ErrNone):
		return errors.New(g.a.say("这个名字没有证书；看看 --dir 和名字，新发的不加 --renew", "there is no certificate for this name; look at --dir and the name, and leave --renew out for a new one"))
	case errors.Is(err, enroll.ErrName):
		return errors.New(g.a.say("名字用 1 到 32 个字母、数字、横线", "a name has 1 to 32 letters, digits and dashes"))
	}
	return err
}
