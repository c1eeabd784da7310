package hub_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/store"
)

// A test that kills a hub runs it as a child: this program, with where it is in its environment.
const childStore, childBroker, childCert = "RECEIPTD_TEST_HUB_STORE", "RECEIPTD_TEST_HUB_BROKER", "RECEIPTD_TEST_HUB_CERT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childStore); dir != "" {
		if err := child(dir, os.Getenv(childBroker), os.Getenv(childCert)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(dir, broker, cert string) error {
	s, err := store.Open(context.Background(), dir, store.Options{})
	if err != nil {
		return err
	}
	return hub.New(hub.Options{Store: s, Broker: broker, Tenant: fleettest.Tenant, Name: "hub1", Pace: quick,
		TLS: fleettest.Files(filepath.Join(cert, enroll.CAFile), filepath.Join(cert, enroll.CertFile), filepath.Join(cert, enroll.KeyFile))}).Run(context.Background())
}

// TestHubKilled kills the hub's process again and again while jobs are on their way: between its disk and the broker, between the broker and
// the shop, between the shop's answer and its own disk. Each job is accepted in the end, and lies on the counter once.
func TestHubKilled(t *testing.T) {
	b, s := fleettest.Start(t), light.New("b1")
	cert := b.Issue(enroll.Member{Name: "hub1"})
	client(t, b, "shop-1", s)
	dir := t.TempDir()
	jobs := func() (n int) {
		for _, p := range b.Packets() {
			if strings.HasSuffix(p.TopicName, "/job") {
				n++
			}
		}
		return n
	}
	var ids []string
	for round := range rounds(5) {
		h := &centre{t: t, dir: dir}
		before := jobs()
		open(t, h)
		for i := range 10 {
			ids = append(ids, fmt.Sprintf("o-%d-%d", round, i))
			if _, added, err := h.store.Add(t.Context(), store.New{Shop: "shop-1", JobID: ids[len(ids)-1], Kind: "order", Hash: ids[len(ids)-1], Content: []byte(fleettest.Order(ids[len(ids)-1])), Expires: time.Now().Add(time.Hour)}); err != nil || added != store.AddedNew {
				t.Fatal(added, err)
			}
		}
		if err := h.store.Close(); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childStore+"="+dir, childBroker+"="+b.URL(), childCert+"="+cert)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for limit := time.Now().Add(time.Minute); jobs() < before+round+1; time.Sleep(time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatal("the hub sends nothing")
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	h := &centre{t: t, b: b, name: "hub1", dir: dir, pace: quick}
	h.start()
	t.Cleanup(func() { h.stop() })
	for _, id := range ids {
		h.becomes("shop-1", id, store.Accepted)
	}
	h.whole("shop-1", s)
	once(t, s, ids...)
}

func open(t *testing.T, h *centre) {
	t.Helper()
	var err error
	for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // the system ends a dead process's lock
		if h.store, err = store.Open(t.Context(), h.dir, h.o); err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatal(err)
		}
	}
}

// TestOneHubAFolder: a second hub on one folder does not start.
func TestOneHubAFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), dir, store.Options{}); err == nil || !strings.Contains(err.Error(), store.ErrLocked.Error()) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), dir, store.Options{}); err != nil {
		t.Fatal(err)
	}
	s.Close()
}
