package fleet_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/fleet/mqtt"
	"github.com/receiptd/receiptd/fleet/wire"
)

// TestMosquitto: with the configuration that is shipped, a real broker carries jobs and answers, keeps a shop's last state, and lets no shop
// read or write another's topics; without a certificate, or with a revoked one, nobody comes in.
func TestMosquitto(t *testing.T) {
	m, s := fleettest.NewMosquitto(t, filepath.Join("..", "packaging", "fleet")), light.New("b1")
	b := m.Broker
	spoil(t, b)
	m.Kill() // it reads the list of the revoked when it starts
	m.Run()
	hub := b.Centre("hub1")
	c, stop := client(t, b, "shop-1", s, wire.AllowReprint)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Deliver("shop-1", "o-1")
	if r := hub.Do("shop-1", wire.Command{CmdID: "c1", Cmd: wire.CmdReprint, JobID: "o-1"}); !r.OK {
		t.Errorf("%+v", r)
	}
	hub.Await("all events", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })

	one, two := wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}, wire.Place{Tenant: fleettest.Tenant, Shop: "shop-2"}
	heard := make(chan string, 10)
	intruder := connect(t, b, "shop-2", "intruder", []string{two.Job()}, heard)
	for _, topic := range []string{one.State(), one.Event(), one.Job(), one.Cmd(), one.Ack(), one.Reply("hub1"), two.Job(), two.Cmd(), two.Ack(), wire.Place{Tenant: "other", Shop: "shop-2"}.State()} {
		var f *mqtt.Failure
		if err := intruder.Publish(t.Context(), mqtt.Out{Topic: topic, Payload: []byte(`{"online":false}`), Retain: true}); !errors.As(err, &f) || f.Code != mqtt.CodeDenied {
			t.Errorf("a shop may write %s: %v", topic, err)
		}
	}
	if err := intruder.Publish(t.Context(), mqtt.Out{Topic: two.State(), Payload: wire.Encode(wire.State{})}); err != nil {
		t.Errorf("a shop may not write its own state: %v", err)
	}
	connect(t, b, "shop-2", "spy", []string{"rd/v1/+/+/job", "rd/v1/#", "#", one.Job(), one.State()}, heard) // mosquitto grants it, and delivers nothing that is not the shop's
	hub.Deliver("shop-1", "o-2")
	hub.Do("shop-1", wire.Command{CmdID: "c2", Cmd: wire.CmdStatus})
	hub.Ack("shop-1", wire.Ack{Birth: "b1", Seq: 1})
	hub.Send("shop-2", fleettest.Order("own"), time.Minute, false)
	hub.Send("shop-2", fleettest.Order("own-2"), time.Minute, false)
	for range 2 { // its own
		if topic := <-heard; topic != two.Job() {
			t.Errorf("a shop reads %s", topic)
		}
	}
	most := fleettest.Order("most")
	if a := hub.DeliverJob("shop-1", "most", most+strings.Repeat(" ", wire.MaxJob-len(most))); !a.Taken() { // the longest that there may be
		t.Errorf("%+v", a)
	}
	connect(t, b, "shop-2", one.ClientID(), nil, heard) // under another's client id: the broker takes its certificate's name instead
	hub.Deliver("shop-1", "o-3")
	if st, _ := c.Status(); st.Times != 1 || s.Alarms() != 0 {
		t.Errorf("a shop throws another out, or takes its session: connected %d times, %d alarms", st.Times, s.Alarms())
	}
	stop()
	hub.Await("goodbye", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
	if p := s.Paper(); len(p) != 5 {
		t.Errorf("on paper: %+v", p)
	}
	for name, code := range map[string]string{"": mqtt.CodeFiles, "stolen": mqtt.CodeRevoked, "old": mqtt.CodeExpired} {
		var f *mqtt.Failure
		if err := refused(t, b.URL(), filepath.Join(b.Dir, name), filepath.Join(b.Dir, enroll.CAFile), name != ""); !errors.As(err, &f) || f.Code != code {
			t.Errorf("%q without a certificate that counts: %v", name, err)
		}
	}
}

// TestMosquittoRevoked: after `enroll --revoke` and a reload of the broker neither a shop's certificate nor the one that it had before a renewal
// lets anybody in; until the reload both do, and the other shops, also one that was enrolled anew, go on.
func TestMosquittoRevoked(t *testing.T) {
	m := fleettest.NewMosquitto(t, filepath.Join("..", "packaging", "fleet"))
	b := m.Broker
	ca := filepath.Join(b.Dir, enroll.CAFile)
	kept := map[string]string{}
	keep := func(as, dir string) {
		t.Helper()
		kept[as] = filepath.Join(t.TempDir(), as)
		if err := os.CopyFS(kept[as], os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	keep("old", b.Issue(enroll.Member{Name: "shop-1"}))
	keep("new", b.Issue(enroll.Member{Name: "shop-1", Renew: true}))
	heard := make(chan string, 10)
	other := connect(t, b, "shop-2", "shop-2", nil, heard)
	for as, dir := range kept {
		if err := refused(t, b.URL(), dir, ca, true); err != nil {
			t.Fatalf("the %s certificate before it is revoked: %v", as, err)
		}
	}
	a, _, err := enroll.Open(b.Dir, fleettest.Tenant, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Revoke("shop-1"); err != nil {
		t.Fatal(err)
	}
	m.Reload()
	for as, dir := range kept {
		var f *mqtt.Failure
		if err := refused(t, b.URL(), dir, ca, true); !errors.As(err, &f) || f.Code != mqtt.CodeRevoked {
			t.Errorf("the %s certificate after it was revoked: %v", as, err)
		}
	}
	two := wire.Place{Tenant: fleettest.Tenant, Shop: "shop-2"}
	if err := other.Publish(t.Context(), mqtt.Out{Topic: two.State(), Payload: wire.Encode(wire.State{})}); err != nil {
		t.Errorf("the connection of another shop: %v", err)
	}
	connect(t, b, "shop-3", "shop-3", nil, heard)
	if err := refused(t, b.URL(), b.Issue(enroll.Member{Name: "shop-1"}), ca, true); err != nil {
		t.Errorf("the shop, enrolled anew: %v", err)
	}
}

// connect comes to the broker under a shop's name.
func connect(t *testing.T, b *fleettest.Broker, name, id string, filters []string, heard chan<- string) *mqtt.Conn {
	t.Helper()
	up := make(chan *mqtt.Conn, 1)
	line := mqtt.New(mqtt.Options{Broker: b.URL(), TLS: b.TLS(name), ClientID: id, Filters: filters, Up: func(_ context.Context, c *mqtt.Conn) { up <- c },
		Receive: func(m *mqtt.Message) { m.Ack(); heard <- m.Topic }})
	fleettest.Background(t, line.Run)
	select {
	case c := <-up:
		return c
	case <-time.After(time.Minute):
		t.Fatalf("%s: %+v", name, line.Status().Failure)
		return nil
	}
}

// refused tries to come in with the files of a member's folder, or none, and gives why it did not.
func refused(t *testing.T, url, dir, ca string, own bool) error {
	t.Helper()
	files := []string{"", ""}
	if own {
		files = []string{filepath.Join(dir, enroll.CertFile), filepath.Join(dir, enroll.KeyFile)}
	}
	failed := make(chan error, 10)
	line := mqtt.New(mqtt.Options{Broker: url, TLS: fleettest.Files(ca, files[0], files[1]), ClientID: "nobody", Receive: func(*mqtt.Message) {},
		Changed: func(s mqtt.Status) {
			if s.Failure != nil {
				failed <- s.Failure
			} else {
				failed <- nil
			}
		}})
	defer fleettest.Background(t, line.Run)()
	return <-failed
}

// spoil makes a stolen certificate that was revoked, and one that has expired.
func spoil(t *testing.T, b *fleettest.Broker) {
	t.Helper()
	thief := b.Issue(enroll.Member{Name: "thief"})
	if err := os.CopyFS(filepath.Join(b.Dir, "stolen"), os.DirFS(thief)); err != nil {
		t.Fatal(err)
	}
	a, _, err := enroll.Open(b.Dir, fleettest.Tenant, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Revoke("thief"); err != nil {
		t.Fatal(err)
	}
	if a, _, err = enroll.Open(b.Dir, fleettest.Tenant, time.Now().AddDate(-3, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Issue(enroll.Member{Name: "old"}); err != nil {
		t.Fatal(err)
	}
}
