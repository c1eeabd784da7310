package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
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

// mosquitto runs Debian's broker with the configuration and the ACL of packaging/fleet, on a fleet's certificates.
func mosquitto(t *testing.T) *fleettest.Broker {
	t.Helper()
	bin, err := exec.LookPath("mosquitto")
	if err != nil {
		bin = "/usr/sbin/mosquitto"
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("mosquitto is not installed: apt-get install mosquitto")
		}
		t.Skip("mosquitto is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	b := fleettest.Elsewhere(t, "127.0.0.1:"+port)
	own := b.Issue(enroll.Member{Name: "broker", Hosts: []string{"127.0.0.1"}})
	thief := b.Issue(enroll.Member{Name: "thief"})
	if err := os.CopyFS(filepath.Join(b.Dir, "stolen"), os.DirFS(thief)); err != nil {
		t.Fatal(err)
	}
	a, _, err := enroll.Open(b.Dir, fleettest.Tenant, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Revoke("thief"); err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile(filepath.Join("..", "packaging", "fleet", "mosquitto.conf"))
	if err != nil {
		t.Fatal(err)
	}
	acl, err := filepath.Abs(filepath.Join("..", "packaging", "fleet", "mosquitto.acl"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("listener 8883", "listener "+port+" 127.0.0.1", "/etc/mosquitto/receiptd/crl.pem", filepath.Join(b.Dir, enroll.CRLFile), "/etc/mosquitto/receiptd/", own+"/",
		"/etc/mosquitto/conf.d/receiptd.acl", acl, "persistence true", "persistence false").Replace(string(conf))
	if os.Geteuid() == 0 {
		text += "user root\n" // it may read the test's folder
	}
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(bin, "-c", file)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Log(said.String())
		}
	})
	for range 500 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return b
		}
		select {
		case <-done:
			t.Fatalf("mosquitto ended: %s", said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("mosquitto does not listen")
	return nil
}

// TestMosquitto: with the configuration that is shipped, a real broker carries jobs and answers, keeps a shop's last state, and lets no shop
// read or write another's topics; without a certificate, or with a revoked one, nobody comes in.
func TestMosquitto(t *testing.T) {
	b, s := mosquitto(t), light.New("b1")
	hub := b.Centre("hub1")
	_, stop := client(t, b, "shop-1", s, wire.AllowReprint)
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })
	hub.Deliver("shop-1", "o-1")
	if r := hub.Do("shop-1", wire.Command{CmdID: "c1", Cmd: wire.CmdReprint, JobID: "o-1"}); !r.OK {
		t.Errorf("%+v", r)
	}
	hub.Await("all events", func(h fleettest.Heard) bool { return whole(h.Events("shop-1"), "b1", s.Last()) })

	one, two := wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}, wire.Place{Tenant: fleettest.Tenant, Shop: "shop-2"}
	heard := make(chan string, 10)
	intruder := connect(t, b, "shop-2", "intruder", []string{two.Job()}, heard)
	for _, topic := range []string{one.State(), one.Event(), one.Job(), one.Reply("hub1"), two.Job(), two.Cmd(), wire.Place{Tenant: "other", Shop: "shop-2"}.State()} {
		var f *mqtt.Failure
		if err := intruder.Publish(t.Context(), mqtt.Out{Topic: topic, Payload: []byte(`{"online":false}`), Retain: true}); !errors.As(err, &f) || f.Code != mqtt.CodeDenied {
			t.Errorf("a shop may write %s: %v", topic, err)
		}
	}
	if err := intruder.Publish(t.Context(), mqtt.Out{Topic: two.State(), Payload: wire.Encode(wire.State{})}); err != nil {
		t.Errorf("a shop may not write its own state: %v", err)
	}
	connect(t, b, "shop-2", "spy", []string{"rd/v1/+/+/job", "rd/v1/#", one.Job()}, heard) // mosquitto grants it, and delivers nothing that is not the shop's
	hub.Deliver("shop-1", "o-2")
	hub.Send("shop-2", fleettest.Order("own"), time.Minute, false)
	for range 2 { // its own job, at both of its connections
		if topic := <-heard; topic != two.Job() {
			t.Errorf("a shop reads %s", topic)
		}
	}
	stop()
	hub.Await("goodbye", func(h fleettest.Heard) bool { return h.State("shop-1").Why == wire.WhyStopped })
	if p := s.Paper(); len(p) != 3 {
		t.Errorf("on paper: %+v", p)
	}
	for _, name := range []string{"", "stolen"} {
		if err := refused(t, b, name); err == nil {
			t.Errorf("%q comes in without a certificate that counts", name)
		}
	}
}

// connect comes to the broker under a shop's name.
func connect(t *testing.T, b *fleettest.Broker, name, id string, filters []string, heard chan<- string) *mqtt.Conn {
	t.Helper()
	up := make(chan *mqtt.Conn, 1)
	line := mqtt.New(mqtt.Options{Broker: b.URL(), TLS: b.TLS(name), ClientID: id, Filters: filters, Up: func(_ context.Context, c *mqtt.Conn) { up <- c },
		Receive: func(m *mqtt.Message) { m.Ack(); heard <- m.Topic }})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = line.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	select {
	case c := <-up:
		return c
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: %+v", name, line.Status().Failure)
		return nil
	}
}

// refused tries to come in with a member's files, "" for none, and gives why it did not.
func refused(t *testing.T, b *fleettest.Broker, name string) error {
	t.Helper()
	files := []string{filepath.Join(b.Dir, enroll.CAFile), "", ""}
	if name != "" {
		files[1], files[2] = filepath.Join(b.Dir, name, enroll.CertFile), filepath.Join(b.Dir, name, enroll.KeyFile)
	}
	failed := make(chan error, 10)
	line := mqtt.New(mqtt.Options{Broker: b.URL(), TLS: fleettest.Files(files[0], files[1], files[2]), ClientID: "nobody", Receive: func(*mqtt.Message) {},
		Changed: func(s mqtt.Status) {
			if s.Failure != nil {
				failed <- s.Failure
			} else {
				failed <- nil
			}
		}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = line.Run(ctx) }()
	defer func() { cancel(); <-done }()
	return <-failed
}
