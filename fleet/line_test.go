package fleet_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet"
	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
)

// TestWebSockets: over wss:// everything is as over tls://, also after the line broke, and for what is longer than one frame.
func TestWebSockets(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	c, stop := with(t, fleet.Options{Broker: b.WebURL(), TLS: b.TLS("shop-1"), Place: wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}}, s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	long := strings.Replace(fleettest.Order("o-1"), `"placed_at"`, `"remark":"`+strings.Repeat("少辣", 40)+`","placed_at"`, 1)
	long += strings.Repeat(" ", wire.MaxJob-len(long)) // whole as it is, a job of the greatest length
	if a := hub.DeliverJob("shop-1", "o-1", long); !a.Taken() {
		t.Fatalf("%+v", a)
	}
	before, _ := c.Status()
	b.Cut("rd." + fleettest.Tenant + ".shop-1")
	hub.Deliver("shop-1", "o-2")
	if after, _ := c.Status(); after.Times <= before.Times {
		t.Error("the line was never cut")
	}
	hub.Await("all events", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })
	stop()
	hub.Await("goodbye", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
	if p := s.Paper(); len(p) != 2 {
		t.Errorf("on paper: %+v", p)
	}
}

// TestNewCertificate: a certificate that was renewed in its place is used from the next connection on, without a restart.
func TestNewCertificate(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	hub := b.Centre("hub1")
	client(t, b, "shop-1", s)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	id := wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}.ClientID()
	old := b.Serial(id)
	b.Issue(enroll.Member{Name: "shop-1", Renew: true})
	hub.Deliver("shop-1", "o-1")
	if b.Serial(id) != old {
		t.Fatal("it has connected anew by itself")
	}
	b.Cut(id)
	hub.Deliver("shop-1", "o-2")
	if now := b.Serial(id); now == "" || now == old {
		t.Errorf("connected with the certificate %q, the old one is %q", now, old)
	}
}

// TestCertificatesInWords: each way in which a certificate does not do has its own words, which name what to do.
func TestCertificatesInWords(t *testing.T) {
	b := fleettest.Start(t)
	long := time.Now().AddDate(-3, 0, 0)
	issue := func(dir, name string, at time.Time) {
		t.Helper()
		a, _, err := enroll.Open(dir, fleettest.Tenant, at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Issue(enroll.Member{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	issue(b.Dir, "old", long)
	issue(b.Dir, "good", time.Now())
	other := t.TempDir()
	issue(other, "foreign", time.Now())
	if err := os.CopyFS(filepath.Join(b.Dir, "foreign"), os.DirFS(filepath.Join(other, "foreign"))); err != nil {
		t.Fatal(err)
	}
	ca, foreignCA := filepath.Join(b.Dir, enroll.CAFile), filepath.Join(other, enroll.CAFile)
	elsewhere := strings.Replace(b.URL(), "127.0.0.1", "127.0.0.2", 1) // not in the broker's certificate, and nobody listens there
	for _, row := range []struct{ what, url, ca, member, code, word string }{
		{"expired", b.URL(), ca, "old", mqtt.CodeExpired, "--renew"},
		{"of another chain", b.URL(), ca, "foreign", mqtt.CodeUnknown, "fleet.cert"},
		{"none", b.URL(), ca, "", mqtt.CodeFiles, "fleet enroll"},
		{"no such file", b.URL(), ca, "nobody", mqtt.CodeFiles, "fleet enroll"},
		{"a broker of another chain", b.URL(), foreignCA, "good", mqtt.CodeBroker, "fleet.ca"},
		{"nobody there", elsewhere, ca, "good", "refused", "check that it runs"},
	} {
		var f *mqtt.Failure
		if err := refused(t, row.url, filepath.Join(b.Dir, row.member), row.ca, row.member != ""); !errors.As(err, &f) || f.Code != row.code || !strings.Contains(f.Text().En, row.word) {
			t.Errorf("%s: %v (%+v)", row.what, err, f)
		}
	}
	b.Issue(enroll.Member{Name: "broker", Hosts: []string{"another.example"}, Renew: true})
	b.Kill()
	b.Run()
	var f *mqtt.Failure
	if err := refused(t, b.URL(), filepath.Join(b.Dir, "good"), ca, true); !errors.As(err, &f) || f.Code != mqtt.CodeBroker || !strings.Contains(f.Text().En, "--host") {
		t.Errorf("a broker under another name: %v", err)
	}
	a, _, err := enroll.Open(b.Dir, fleettest.Tenant, long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "broker", Hosts: []string{"127.0.0.1"}, Renew: true}); err != nil {
		t.Fatal(err)
	}
	b.Kill()
	b.Run()
	if err := refused(t, b.URL(), filepath.Join(b.Dir, "good"), ca, true); !errors.As(err, &f) || f.Code != mqtt.CodeClock || !strings.Contains(f.Text().En, "clock") {
		t.Errorf("a broker whose certificate is over, or a shop whose clock is ahead: %v", err)
	}
}
