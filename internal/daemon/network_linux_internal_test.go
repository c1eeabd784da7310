package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/mdns"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
)

const namespaceRole = "RECEIPTD_TEST_NAMESPACE"

// A bench of network namespaces: us with a bridge, the shop's other devices behind one card, a printer behind another.
type bench struct {
	t               *testing.T
	us, them, paper string
}

func (b *bench) ip(args ...string) {
	b.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		b.t.Fatalf("ip %v: %v\n%s", args, err, out)
	}
}

func newBench(t *testing.T) *bench {
	t.Helper()
	if testing.Short() || os.Geteuid() != 0 {
		t.Skip("network namespaces are for root, and take seconds")
	}
	switch _, err := exec.LookPath("ip"); {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("iproute2 is not installed")
	case err != nil:
		t.Skip("iproute2 is not installed")
	}
	id := fmt.Sprint(os.Getpid())
	b := &bench{t, "rd-us-" + id, "rd-them-" + id, "rd-paper-" + id}
	for _, ns := range []string{b.us, b.them, b.paper} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("this machine makes no network namespaces: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", ns).Run() })
	}
	b.ip("-n", b.us, "link", "add", "br0", "type", "bridge")
	b.ip("-n", b.us, "addr", "add", "10.77.0.1/28", "dev", "br0")
	b.ip("-n", b.us, "link", "set", "br0", "up")
	b.ip("-n", b.us, "route", "add", "default", "dev", "br0") // the library of DNS-SD wants one
	for i, ns := range []string{b.them, b.paper} {
		port := fmt.Sprintf("p%d", i)
		b.ip("link", "add", port, "netns", b.us, "type", "veth", "peer", "name", "eth0", "netns", ns)
		b.ip("-n", b.us, "link", "set", port, "master", "br0", "up")
		b.ip("-n", ns, "link", "set", "lo", "up")
		b.ip("-n", ns, "link", "set", "eth0", "up")
	}
	for _, at := range []string{"2", "3", "5"} {
		b.ip("-n", b.them, "addr", "add", "10.77.0."+at+"/28", "dev", "eth0")
	}
	b.ip("-n", b.paper, "addr", "add", "10.77.0.6/28", "dev", "eth0")
	return b
}

// A helper is this test's program in a namespace.
type helper struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func (b *bench) start(ns, role string) *helper {
	b.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", ns, os.Args[0], "-test.run=^TestNamespaceHelper$")
	cmd.Env = append(os.Environ(), namespaceRole+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	h := &helper{b.t, cmd, in, bufio.NewScanner(out)}
	b.t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	return h
}

// next gives a helper's next answer.
func (h *helper) next(to any) {
	h.t.Helper()
	for h.out.Scan() {
		if text, ok := strings.CutPrefix(h.out.Text(), "> "); ok {
			if err := json.Unmarshal([]byte(text), to); err != nil {
				h.t.Fatal(err)
			}
			return
		}
	}
	h.t.Fatal("the helper ended")
}

func (h *helper) ask() { _, _ = io.WriteString(h.in, "\n") }

// In real networks: printers are found and nothing is printed at a stranger's, a name of .local leads to its device, and a printer that
// moved is followed, but not to a stranger who took its address.
func TestInNetworkNamespaces(t *testing.T) {
	b := newBench(t)
	them, paper := b.start(b.them, "them"), b.start(b.paper, "paper")
	var mac string
	paper.next(&mac)
	var ready bool
	them.next(&ready)
	us := b.start(b.us, "us "+mac)
	var found []api.Found
	us.next(&found)
	var scans int
	us.next(&scans)
	kinds := map[string]api.Found{}
	for _, f := range found {
		kinds[f.Device] = f
	}
	if f := kinds["tcp://10.77.0.6:9100"]; !f.Opens || f.Model != "GENERIC POS-80" || f.MAC != mac || f.Tier != "B" || f.Identity != "mac:"+mac {
		t.Errorf("the printer: %+v", f)
	}
	if len(found) != 4 || !strings.Contains(kinds["tcp://10.77.0.5:9100"].What.En, "office printer") || kinds["tcp://10.77.0.2:9100"].Opens || kinds["tcp://10.77.0.3:9100"].What.En != "no printer" {
		t.Errorf("%+v", found)
	}
	var said string
	if us.next(&said); said != "" {
		t.Errorf("a name of .local: %s", said)
	}
	if us.next(&said); said != "10.77.0.6:9100" {
		t.Errorf("the printer answers at %q", said)
	}
	b.ip("-n", b.paper, "addr", "del", "10.77.0.6/28", "dev", "eth0")
	b.ip("-n", b.paper, "addr", "add", "10.77.0.7/28", "dev", "eth0")
	b.ip("-n", b.them, "addr", "add", "10.77.0.6/28", "dev", "eth0")
	b.ip("-n", b.us, "neigh", "flush", "all")
	us.ask()
	if us.next(&said); said != "10.77.0.7:9100" {
		t.Errorf("the printer that moved answers at %q", said)
	}
	them.ask()
	sent := map[string]string{}
	them.next(&sent)
	for at, want := range map[string]string{"10.77.0.2": "\x10\x04\x01", "10.77.0.3": "\x10\x04\x01", "10.77.0.5": "", "10.77.0.6": ""} {
		n := strings.Count(sent[at], "\x10\x04\x01")
		if sent[at] != strings.Repeat(want, n) || want != "" && (n < 1 || n > scans) { // a machine that stands still asks fewer in a scan
			t.Errorf("%s was sent %q in %d scans", at, sent[at], scans)
		}
	}
	paper.ask()
	var pieces int
	if paper.next(&pieces); pieces != 0 {
		t.Errorf("%d pieces of paper came out", pieces)
	}
}

func tell(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	fmt.Printf("> %s\n", data)
}

// TestNamespaceHelper is the program in a namespace: no test by itself.
func TestNamespaceHelper(t *testing.T) {
	role, mac, _ := strings.Cut(os.Getenv(namespaceRole), " ")
	if role == "" {
		t.Skip("started by TestInNetworkNamespaces")
	}
	in := bufio.NewReader(os.Stdin)
	asked := func() { _, _ = in.ReadString('\n') }
	switch role {
	case "them":
		beStrangers(t, asked)
	case "paper":
		v := virtual.New(virtual.Options{Model: "generic-80", Speed: virtual.Max})
		l, err := net.Listen("tcp4", ":9100")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = v.ServeTCP(t.Context(), l) }()
		card, err := net.InterfaceByName("eth0")
		if err != nil {
			t.Fatal(err)
		}
		tell(card.HardwareAddr.String())
		asked()
		tell(len(v.Pieces()))
	case "us":
		beUs(t, mac, asked)
	}
}

// beStrangers listens as an office printer that says so, one that does not, and a web server.
func beStrangers(t *testing.T, asked func()) {
	l, err := net.Listen("tcp4", ":9100")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	sent := map[string]string{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				at, _, _ := net.SplitHostPort(c.LocalAddr().String())
				buf := make([]byte, 100)
				for {
					n, err := c.Read(buf)
					mu.Lock()
					sent[at] += string(buf[:n])
					mu.Unlock()
					if err != nil {
						return
					}
					if at == "10.77.0.3" {
						_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
					}
				}
			}()
		}
	}()
	service, err := mdns.NewMDNSService("Office", "_pdl-datastream._tcp", "local.", "office.local.", 9100, []net.IP{net.IPv4(10, 77, 0, 5)}, []string{"pdl=application/pdf,image/urf"})
	if err != nil {
		t.Fatal(err)
	}
	card, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := mdns.NewServer(&mdns.Config{Zone: service, Iface: card})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Shutdown() }()
	tell(true)
	asked()
	mu.Lock()
	defer mu.Unlock()
	tell(sent)
}

// beUs searches, asks for a name, and opens a printer before and after it moved.
func beUs(t *testing.T, mac string, asked func()) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	answered := func(f api.Found) bool { return f.Device == "tcp://10.77.0.6:9100" && f.Tier == "B" }
	var found []api.Found
	scans := 0
	for len(found) < 4 || !slices.ContainsFunc(found, answered) {
		var err error
		if found, err = FindNetwork(ctx, config.Default(), nil); err != nil {
			t.Fatal(err)
		}
		if scans++; scans == 3 { // a machine that stands still hears less than is said
			break
		}
	}
	tell(found)
	tell(scans)
	said := ""
	if c, err := link.Open(ctx, "tcp://office.local:9100", link.Options{}); err != nil {
		said = err.Error()
	} else {
		c.Close()
	}
	tell(said)
	prof, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	d, err := link.Parse("tcp://10.77.0.6:9100")
	if err != nil {
		t.Fatal(err)
	}
	f := newFollower("front", d, printer.Identity{Kind: "mac", Value: mac}, prof, nil)
	for range 2 {
		c, err := f.open(ctx)
		if err != nil {
			tell(err.Error())
		} else {
			c.Close()
			tell(f.now)
		}
		asked()
	}
}
