package hub_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/light"
	"github.com/receiptd/receiptd/hub/store"
)

var shops = flag.Int("hub.shops", 0, "measure a hub's memory with so many light shops: 1000 is the promise")

// TestMemory measures a hub in a process of its own with many shops, two jobs for each: below 150 MB.
func TestMemory(t *testing.T) {
	if *shops == 0 {
		t.Skip("run it with -hub.shops=1000")
	}
	b := fleettest.Start(t)
	cert := b.Issue(enroll.Member{Name: "hub1"})
	dir := t.TempDir()
	h := &centre{t: t, dir: dir}
	open(t, h)
	all := make([]*light.Shop, *shops)
	for i := range all {
		name := fmt.Sprintf("shop-%04d", i)
		all[i] = light.New("b-" + name)
		client(t, b, name, all[i])
		for k := range 2 {
			id := fmt.Sprintf("%s-%d", name, k)
			if _, _, err := h.store.Add(t.Context(), store.New{Shop: name, JobID: id, Kind: "order", Hash: id, Content: []byte(fleettest.Order(id)), Expires: time.Now().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childStore+"="+dir, childBroker+"="+b.URL(), childCert+"="+cert)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	began := time.Now()
	printed := func() (n int) {
		for _, s := range all {
			n += len(s.Paper())
		}
		return n
	}
	for limit := time.Now().Add(10 * time.Minute); printed() < 2**shops; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%d of %d came out", printed(), 2**shops)
		}
	}
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(cmd.Process.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	var kb int
	if _, err := fmt.Sscan(string(regexp.MustCompile(`VmHWM:\s*([0-9]+)`).FindSubmatch(status)[1]), &kb); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d shops: %d jobs on paper after %v, the hub's peak is %d MB", *shops, 2**shops, time.Since(began).Round(time.Second), kb/1024)
	if kb > 150<<10 {
		t.Errorf("%d kB", kb)
	}
}
