package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/internal/certs"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/job"
)

// HubOptions say what to look at of a hub. Config may be nil when ConfigErr says why.
type HubOptions struct {
	Path      string
	Config    *settings.Hub
	ConfigErr error
	// Status asks a running hub; client.ErrUnreachable where none answers, client.ErrNoToken where the caller may not ask.
	Status func(ctx context.Context) (st hub.Status, shops map[string]int, err error)
	Now    func() time.Time // nil is time.Now
}

// RunHub looks at a hub: its configuration, certificates, folders, and what it says where it runs.
func RunHub(ctx context.Context, o HubOptions) []Finding {
	x := &hubExamination{o: o, h: o.Config}
	if x.examination.o.Now = o.Now; o.Now == nil {
		x.examination.o.Now = time.Now
	}
	x.config()
	if x.h == nil {
		return x.found
	}
	x.certificate()
	x.pageCertificate()
	x.folders()
	x.live(ctx)
	return x.found
}

type hubExamination struct {
	examination
	o HubOptions
	h *settings.Hub
}

func (x *hubExamination) config() {
	var wrong *config.Error
	switch err := x.o.ConfigErr; {
	case errors.As(err, &wrong):
		x.add("config", Problem, x.o.Path, text("配置有错，总部启动不了：\n"+wrong.Text("zh"), "the configuration is wrong, the hub will not start:\n"+wrong.Text("en")),
			text("改好上面指出的行；所有的键见 receiptd hub config", "correct the lines shown; receiptd hub config has all keys"))
	case errors.Is(err, fs.ErrNotExist):
		x.add("config", Problem, x.o.Path, text("没有总部的配置文件", "there is no configuration of a hub"), text("用 receiptd hub config 写一个，用 --config 指明", "write one with receiptd hub config, and name it with --config"))
	case err != nil:
		x.add("config", Problem, x.o.Path, because("配置读不了：", "the configuration cannot be read: ", err), x.rights(x.o.Path))
	default:
		x.good("config", x.o.Path, "配置没有错误", "good")
	}
}

// rights is how the hub's user gets to read a file, and into its folder where that is closed. The group of a folder that is open stays: another
// program may need it.
func (x *hubExamination) rights(file string) job.Text {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrPermission) {
		commands := hint.HubEnters(filepath.Dir(file)) + " && " + hint.HubReads(file)
		return text("让总部的用户能进它的文件夹，也能读它："+commands+"；或用那个用户运行这个检查", "let the hub's user enter its folder and read it: "+commands+"; or run this check as that user")
	}
	return text("让总部的用户能读它："+hint.HubReads(file)+"；或用那个用户运行这个检查", "let the hub's user read it: "+hint.HubReads(file)+"; or run this check as that user")
}

func (x *hubExamination) certificate() {
	again := "receiptd fleet enroll " + x.h.Name + " --renew"
	if _, err := enroll.Client(x.h.CA, x.h.Cert, x.h.Key); err != nil {
		fix := x.rights(cmp.Or(named(err), x.h.Cert))
		if errors.Is(err, fs.ErrNotExist) {
			fix = text("运行 receiptd fleet enroll "+x.h.Name+"，把文件放到配置写的地方", "run receiptd fleet enroll "+x.h.Name+" and put its files where the configuration says")
		}
		x.add("certificate", Problem, x.h.Cert, because("总部的证书不能用：", "the hub's certificate cannot be used: ", err), fix)
		return
	}
	c, err := enroll.Leaf(x.h.Cert)
	switch {
	case err != nil:
		x.add("certificate", Problem, x.h.Cert, because("总部的证书读不了：", "the hub's certificate cannot be read: ", err), x.rights(x.h.Cert))
	case c.Name != x.h.Name:
		x.add("certificate", Problem, x.h.Cert, text("证书是 "+c.Name+" 的，配置写的是 "+x.h.Name+"：服务器只认证书里的名字", "the certificate is "+c.Name+"'s, and the configuration says "+x.h.Name+": a broker goes by the certificate"),
			text("改 hub.name，或换上自己的证书", "correct hub.name, or use this hub's own certificate"))
	case c.Server:
		x.add("certificate", Problem, x.h.Cert, text("这是服务器的证书（发的时候带了 --host）", "this is a broker's certificate: it was made with --host"), text("不带 --host 重新发", "enroll this hub without --host"))
	default:
		x.ends("certificate", x.h.Cert, c.Until, text("运行："+again+"，换上新文件，不用重启", "run: "+again+" and put its files in place, without a restart"))
	}
}

// named is the file that an error is about.
func named(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Path
	}
	return ""
}

// ends tells of a certificate's end.
func (x *hubExamination) ends(check, file string, until time.Time, fix job.Text) {
	day, now := until.Format(time.DateOnly), x.examination.o.Now()
	switch {
	case until.Before(now):
		x.add(check, Problem, file, text("证书 "+day+" 过期了", "the certificate ended on "+day), fix)
	case until.Before(now.Add(renewBefore)):
		x.add(check, Warning, file, text("证书 "+day+" 到期", "the certificate ends on "+day), fix)
	default:
		x.good(check, file, "有效到 "+day, "valid until "+day)
	}
}

func (x *hubExamination) pageCertificate() {
	if x.h.TLSListen == "" {
		return
	}
	c, err := certs.Load(x.h.TLSCert, x.h.TLSKey)
	if err != nil {
		x.add("page_certificate", Problem, x.h.TLSCert, because("页面的证书不能用，总部启动不了：", "the page's certificate cannot be used, the hub will not start: ", err), x.rights(cmp.Or(named(err), x.h.TLSCert)))
		return
	}
	x.ends("page_certificate", x.h.TLSCert, c.Leaf.NotAfter, text("换上新的 tls_cert 和 tls_key，不用重启", "put a new tls_cert and tls_key in place, without a restart"))
	if len(c.Leaf.DNSNames)+len(c.Leaf.IPAddresses) == 0 {
		x.add("page_certificate", Problem, x.h.TLSCert, text("证书里没有主机名：浏览器打不开", "the certificate names no host: no browser opens the page"), text("发一张带主机名的：receiptd fleet enroll hub-page --host 主机名", "make one with the host's name: receiptd fleet enroll hub-page --host NAME"))
	}
}

func (x *hubExamination) folders() {
	for _, f := range []struct{ check, dir, zh, en string }{{"data_folder", x.h.Data, "总部的库存不了", "the hub cannot keep anything"}, {"drop_folder", x.h.Drop, "投递文件夹里的任务收不到", "jobs in the drop folder are not taken"}} {
		if f.dir == "" {
			continue
		}
		st, err := os.Stat(f.dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) && f.check == "data_folder":
			x.add(f.check, Hint, f.dir, text("还没有这个文件夹；总部第一次启动时建", "it is not there yet; the hub makes it when it first starts"), job.Text{})
		case err != nil || !st.IsDir():
			x.add(f.check, Problem, f.dir, text(f.zh+"：没有这个文件夹", f.en+": there is no such folder"), text("运行："+hint.HubMakes(f.dir), "run: "+hint.HubMakes(f.dir)))
		case !canWrite(f.dir):
			x.add(f.check, Problem, f.dir, text(f.zh+"：这个用户写不了（用总部的用户运行这个检查）", f.en+": this user may not write there (run this check as the hub's user)"), text("运行："+hint.HubOwns(f.dir), "run: "+hint.HubOwns(f.dir)))
		default:
			x.good(f.check, f.dir, "能写", "writable")
		}
		if v, err := volumeOf(existing(f.dir)); err == nil && f.check == "data_folder" {
			x.room(f.dir, v)
		}
	}
}

// live tells what a running hub says of itself.
func (x *hubExamination) live(ctx context.Context) {
	if x.o.Status == nil {
		return
	}
	st, shops, err := x.o.Status(ctx)
	switch {
	case errors.Is(err, client.ErrUnreachable) || errors.Is(err, client.ErrNoToken) && errors.Is(err, fs.ErrNotExist):
		x.add("hub", Problem, x.h.Listen, text("总部没有在运行", "the hub does not run"), text(hint.HubStart()))
		return
	case err != nil:
		x.add("hub", Hint, x.h.Listen, because("问不了正在运行的总部：", "a running hub cannot be asked: ", err), text(hint.HubAsks()))
		return
	}
	for _, p := range []*hub.Problem{st.Failure, st.Store, st.Left} {
		if p == nil {
			continue
		}
		level := Problem
		if p == st.Left {
			level = Warning
		}
		x.add("hub", level, x.h.Broker, p.Message, p.Fix)
	}
	if !st.TakenOver.IsZero() && x.examination.o.Now().Sub(st.TakenOver) < time.Hour {
		x.add("hub", Problem, x.h.Broker, text("另一个总部用过这个名字", "another hub came under this hub's name"), text("只留一个，或用 receiptd fleet enroll 给另一个发自己的名字", "keep one, or enroll the other under its own name"))
	}
	switch {
	case st.Connected:
		x.good("hub", x.h.Broker, "已连上", "connected")
	case st.Failure == nil:
		x.add("hub", Warning, x.h.Broker, text("正在连服务器", "it is connecting to the broker"), text("过一会儿再查", "look again in a moment"))
	}
	if n := shops["bad"]; n > 0 {
		x.add("shops", Warning, "", text(fmt.Sprintf("%d 家门店要处理", n), fmt.Sprintf("%d shops need somebody", n)), text("运行：receiptd fleet status", "run: receiptd fleet status"))
	}
}
