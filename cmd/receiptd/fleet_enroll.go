package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/packaging"
)

// An enrolment is what `receiptd fleet enroll` was asked for.
type enrolment struct {
	dir, tenant, address string
	hosts                []string
	renew, revoke, hub   bool
}

func (g fleetCommands) enroll() *cobra.Command {
	var e enrolment
	cmd := &cobra.Command{
		Use: "enroll NAME", Short: g.a.say("给门店、总部或服务器发证书", "Give a shop, a centre or the broker its certificate"), Args: cobra.ExactArgs(1),
		Long: g.a.say("在总部的电脑上运行。第一次会在 --dir 建一个只属于这个连锁的证书机构；ca.key 不要离开这台电脑。\n给出的文件夹拷到门店，把显示的 [fleet] 段写进门店的 receiptd.toml；总部的是 hub.toml 的 [hub] 段。",
			"Run it on the centre's computer. The first time it makes an authority of this chain alone in --dir; ca.key stays on that computer.\nCarry the folder that it gives to the shop and put the section that it shows into the shop's receiptd.toml;\na centre's is the section [hub] of its hub.toml."),
		Example: "  receiptd fleet enroll broker --host mqtt.example.com --tenant acme\n  receiptd fleet enroll hub1\n  receiptd fleet enroll centre --hub\n  receiptd fleet enroll shop-1\n  receiptd fleet enroll shop-1 --revoke",
		RunE:    func(_ *cobra.Command, args []string) error { return g.run(args[0], e) },
	}
	f := cmd.Flags()
	f.StringVar(&e.dir, "dir", "fleet-ca", g.a.say("证书机构的文件夹", "the authority's folder"))
	f.StringVar(&e.tenant, "tenant", "", g.a.say("商户名，写进显示的配置段（不写：第一次运行时写的那个，再没有就是 acme）", "the tenant, for the section that is shown (default: that of the first run, else acme)"))
	f.StringVar(&e.address, "address", "", g.a.say("服务器的地址，写进显示的配置段（不写：tls://服务器证书里的名字:8883）", "the broker's address, for the section that is shown (default: tls://, the name in the broker's certificate, :8883)"))
	f.StringSliceVar(&e.hosts, "host", nil, g.a.say("服务器的主机名或 IP：发的是服务器的证书", "a host name or address of the broker: the certificate is the broker's"))
	f.BoolVar(&e.renew, "renew", false, g.a.say("已有证书时换一张新的，主机名照旧；旧的到期前还能用", "a new certificate in the place of the one there is, with its host names; the old one is good until it ends"))
	f.BoolVar(&e.revoke, "revoke", false, g.a.say("吊销这个名字的所有证书，换过的也算：写进 crl.pem，服务器重读后就不再让它连", "revoke all certificates of the name, those before a renewal too: they go into crl.pem, and a broker that has read that lets them in no more"))
	f.BoolVar(&e.hub, "hub", false, g.a.say("这是总部的证书：显示 hub.toml 的 [hub] 段（名字是 hub、hub1 这样的不用写）", "it is a centre's: shows the section [hub] of hub.toml (not needed for names like hub or hub1)"))
	cmd.MarkFlagsMutuallyExclusive("renew", "revoke")
	cmd.MarkFlagsMutuallyExclusive("hub", "host")
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
	ACL     string    `json:"acl,omitempty"`  // of a centre: its block in mosquitto's ACL
	Lost    bool      `json:"lost,omitempty"` // the record of what was issued was not whole, and is mended
}

// calledHub is what a centre is called where nobody says --hub.
var calledHub = regexp.MustCompile(`^hub[0-9]*$`)

// section is what a member writes into its configuration, and of a centre what the broker is to let it do.
func (e *enrolment) section(name, tenant string) (section, acl string) {
	if !e.hub && !calledHub.MatchString(name) {
		return fmt.Sprintf("[fleet]\nbroker = %q\nca = \"ca.pem\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\ntenant = %q\nshop = %q\n", e.address, tenant, name), ""
	}
	return fmt.Sprintf("[hub]\nname = %[1]q\ntenant = %[2]q\nbroker = %[3]q\nca = \"%[1]s/ca.pem\"\ncert = \"%[1]s/cert.pem\"\nkey = \"%[1]s/key.pem\"\n", name, tenant, e.address), packaging.MosquittoHub(name, tenant)
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
	out := enrolled{Name: name, Folder: dir, Lost: a.Lost()}
	leaf, err := enroll.Leaf(filepath.Join(dir, enroll.CertFile))
	if err != nil {
		return err
	}
	if out.Until = leaf.Until; !leaf.Server {
		e.address = cmp.Or(e.address, "tls://"+net.JoinHostPort(cmp.Or(a.Broker(), "mqtt.example.com"), "8883"))
		out.Section, out.ACL = e.section(name, cmp.Or(e.tenant, a.Organisation()))
	}
	if err := mosquitto(name, dir, cmp.Or(e.tenant, a.Organisation()), leaf.Server); err != nil {
		return err
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
		case out.ACL != "":
			fmt.Fprint(w, g.a.say("\n总部的 hub.toml（所有的键：receiptd hub config）：\n", "\nFor the centre's hub.toml (all keys: receiptd hub config):\n")+"\n"+out.Section)
			if name != "hub1" { // which is in the file that there is
				fmt.Fprint(w, g.a.say("\n服务器的 ACL 里加上，再让它重读：\n", "\nAdd to the broker's ACL, and have it read that again:\n")+"\n"+out.ACL)
			}
		case out.Section != "":
			fmt.Fprint(w, g.a.say("\n门店的 receiptd.toml（这是总部的话加 --hub）：\n", "\nFor the shop's receiptd.toml (with --hub: a centre's):\n")+"\n"+out.Section)
		case name == brokerName:
			fmt.Fprintln(w, g.a.say("文件夹里还有给 mosquitto 的 "+confFile+" 和 "+aclFile+"，商户名已写好：拷到 /etc/mosquitto/conf.d 下，名字照第一行。", "The folder has "+confFile+" and "+aclFile+" for mosquitto too, with your tenant: copy them to /etc/mosquitto/conf.d as receiptd.conf and receiptd.acl."))
		}
		if out.Lost {
			fmt.Fprintln(w, g.a.say("注意：发证记录（"+enroll.IssuedDir+"）丢过或不全，已从各文件夹补上；从今天起才是全的。", "Note: the record of certificates ("+enroll.IssuedDir+") was lost or not whole; it is made good from the members' folders, and is whole from today on."))
		}
	})
}

// The broker's folder has what mosquitto wants.
const (
	brokerName = "broker"
	confFile   = "mosquitto.conf"
	aclFile    = "mosquitto.acl"
)

// mosquitto puts its files beside the broker's certificate, where they are not yet.
func mosquitto(name, dir, tenant string, server bool) error {
	if name != brokerName || !server {
		return nil
	}
	for file, text := range map[string]string{confFile: packaging.MosquittoConf, aclFile: packaging.MosquittoACL(tenant)} {
		if _, err := os.Stat(filepath.Join(dir, file)); errors.Is(err, fs.ErrNotExist) {
			if err := wholefile.Write(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// revoke ends all certificates of a name.
func (g fleetCommands) revoke(a *enroll.Authority, name string, e enrolment) error {
	r, err := a.Revoke(name)
	if errors.Is(err, enroll.ErrNone) && !r.Since.IsZero() {
		return fmt.Errorf(g.a.say("发证记录（%s）丢过，只从 %s 起是全的，里面没有 %s 的证书。那之前发的可能还能用，最晚到 %s；要马上断掉，另建证书机构（换一个 --dir），各店重新发",
			"the record of certificates (%s) was lost and is whole from %s on; it has none of %s. One of before may be good until %s at the latest: to end it at once make a new authority (another --dir) and enroll all shops anew"),
			enroll.IssuedDir, r.Since.Local().Format(time.DateOnly), name, r.Until.Local().Format(time.DateOnly))
	}
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
