package daemon_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// A printer is added while the daemon runs, and takes slips at once.
func TestReloadAddsPrinter(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	s.write("", "front")
	s.start()
	s.sale(770001, "kitchen") // not configured yet
	s.printed(770001, "front")
	s.write("", "front", "kitchen")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.sale(770002, "kitchen")
	s.printed(770002, "kitchen")
}

// What waits for a printer that is removed comes out of another one, once, unmarked.
func TestReloadRemovesPrinter(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	s.write("", "front", "kitchen")
	s.set("kitchen", virtual.Change{Paper: "out"}) // before anybody asks: no slip may begin to print
	s.start()
	for n := range 3 {
		s.sale(770001+n, "kitchen")
	}
	s.await("slips to wait", func() bool { return s.copyOf(770001).State == queue.Held && s.copyOf(770003).State == queue.Queued })
	s.write("", "front")
	for n := range 3 {
		s.printed(770001+n, "front")
		if c := s.copyOf(770001 + n); c.PrintNo != 1 {
			t.Errorf("slip %d is print %d, want the unmarked first", n, c.PrintNo)
		}
	}
	if s.shows("kitchen", 770001) {
		t.Error("the removed printer printed too")
	}
}

// What waits for a printer that gets another name follows the routes, and does not pass for another printer's.
func TestReloadRenamesPrinter(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	route := func(to string) string { return "[[route]]\ncopy=\"merchant\"\nprinter=\"" + to + "\"\n" }
	s.write(route("kitchen"), "front", "kitchen")
	s.set("kitchen", virtual.Change{Paper: "out"}) // before anybody asks: no slip may begin to print
	s.start()
	for n := range 2 {
		s.sale(770001+n, "")
	}
	s.await("slips to wait", func() bool { return s.copyOf(770001).State == queue.Held && s.copyOf(770002).State == queue.Queued })
	s.set("kitchen", virtual.Change{Paper: "ok", Power: "off"})
	s.addrs["hot"] = s.addrs["kitchen"]
	s.write(route("hot"), "front", "hot")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.set("kitchen", virtual.Change{Power: "on"})
	for n := range 2 {
		s.printed(770001+n, "hot")
	}
	for _, p := range s.printers["kitchen"].Pieces() {
		if strings.Contains(p.Text(), "FROM PRINTER") {
			t.Errorf("the slip passes for another printer's:\n%s", p.Text())
		}
	}
}

// Slips of a printer that was removed while the daemon was down are not forgotten.
func TestStartWithoutPrinter(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	s.write("", "front", "kitchen")
	s.set("kitchen", virtual.Change{Paper: "out"}) // before anybody asks: no slip may begin to print
	s.start()
	s.sale(770001, "kitchen")
	s.await("the slip to wait", func() bool { return s.copyOf(770001).State == queue.Held })
	s.end()
	s.write("", "front")
	s.start()
	s.printed(770001, "front")
}

// A slip on the wire of a printer whose section changes comes out, proven, before the printer goes, however long it takes; the
// new one takes the next. What concerns no device is taken over at once.
func TestReloadMidSlip(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, change string
		waits        bool // the change for the slip
	}{
		{"for the device", "on_paper_out=\"resume\"\n", true},
		{"for the daemon alone", "copy_pause=\"1s\"\nstale_after=\"2h\"\n", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 20}, "front") // a slip takes longer than a busy machine stalls
			s.write("", "front")
			s.start()
			s.sale(770001, "")
			s.await("the head to print", func() bool {
				return s.copyOf(770001).State == queue.Sending && s.printers["front"].State().Moving
			})
			s.write(row.change, "front")
			s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
			if !row.waits && s.copyOf(770001).State != queue.Sending {
				t.Errorf("the change waited until the slip was %s", s.copyOf(770001).State)
			}
			s.proven(770001)
			s.sale(770002, "")
			s.proven(770002)
		})
	}
}

// A slip that waits for paper holds no reload up: nobody knows when the roll comes. A person is asked about it.
func TestReloadMidHold(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 50}, "front")
	s.write("", "front")
	s.printers["front"].AtDots(300, virtual.Change{Paper: "out"})
	s.start()
	s.sale(770001, "")
	s.sale(770002, "")
	s.await("the slip to be held", func() bool { return s.copyOf(770001).State == queue.Held })
	s.write("on_paper_out=\"resume\"\n", "front")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.await("the question", func() bool { return s.copyOf(770001).State == queue.Uncertain })
	s.set("front", virtual.Change{Paper: "ok"})
	s.proven(770002)
}

// Two printers swap their devices.
func TestReloadSwap(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	s.write("", "front", "kitchen")
	s.start()
	s.sale(770001, "front")
	s.printed(770001, "front")
	s.addrs["front"], s.addrs["kitchen"] = s.addrs["kitchen"], s.addrs["front"]
	s.write("", "front", "kitchen")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.sale(770002, "front")
	s.printed(770002, "front")
	s.lies("front", 770001)
	s.lies("kitchen", 770002) // the other device
	if s.shows("front", 770002) {
		t.Error("the second slip came out of the wrong device")
	}
}

// Routes and what slips show change with the file; templates from another folder are taken.
func TestReloadRoutesAndTemplates(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	s.write("", "front", "kitchen")
	s.start()
	dir := filepath.Join(s.dir, "templates")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sale.zh-CN.receipt"), []byte("our own slip [[ .VoucherNo ]]\n=\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.write("[[route]]\ncopy=\"merchant\"\nprinter=\"kitchen\"\n[templates]\ndir='"+dir+"'\n", "front", "kitchen")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.sale(770001, "")
	s.printed(770001, "kitchen")
	s.lies("kitchen", 770001)
	text := ""
	for _, p := range s.printers["kitchen"].Pieces() {
		text += p.Text()
	}
	if !strings.Contains(text, "our own slip") {
		t.Errorf("the template of the new folder is not used:\n%s\n%s", text, s.log.String())
	}
}

// A time within which slips must be out, taken from the file, is told of what waits already until it is out. That a watch which sleeps is
// woken for it shows TestReloadWakesTheWatch.
func TestReloadWatches(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	s.set("front", virtual.Change{Paper: "out"})
	s.start()
	s.sale(770001, "")
	s.await("the slip to wait", func() bool { return s.copyOf(770001).State == queue.Held })
	s.write("[watch]\ntransaction=\"5s\"\norder=\"1h\"\n", "front")
	s.await("it to be overdue", func() bool { return s.copyOf(770001).Overdue })
	s.set("front", virtual.Change{Paper: "ok"})
	s.await("it to be out", func() bool { c := s.copyOf(770001); return c.State == queue.Printed && !c.Overdue })
}

// A broken file keeps the old configuration, says so with the line, and the next good one is taken. A signal reads the
// file although it has not changed.
func TestReloadBroken(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	s.start()
	for _, bad := range []string{"[[printer]\n", "", "[[printer]]\nname=\"front\"\ndevice=\"tcp://127.0.0.1:1\"\nprofile=\"no-such\"\n",
		"[[printer]]\nname=\"front\"\ndevice=\"tcp:127.0.0.1:1\"\n"} {
		before := strings.Count(s.log.String(), "the old one stays in use")
		s.put(bad)
		s.await("the complaint", func() bool { return strings.Count(s.log.String(), "the old one stays in use") > before })
	}
	if !strings.Contains(s.log.String(), "receiptd.toml:4:1: printer[0].profile") {
		t.Errorf("the line is not told:\n%s", s.log.String())
	}
	s.sale(770001, "")
	s.printed(770001, "front")
	s.write("", "front")
	s.await("the good file", func() bool { return strings.Count(s.log.String(), "configuration read again") == 1 })
	s.reload <- syscall.SIGHUP
	s.await("the signal", func() bool { return strings.Count(s.log.String(), "configuration read again") == 2 })
}

// What only a restart can change is told and left alone; the shop's clock and language change with the file.
func TestReloadPins(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.page = page
	s.start()
	s.sale(770001, "")
	s.printed(770001, "front")
	s.write("[shop]\nlocale=\"en\"\ntimezone=\"Asia/Kathmandu\"\n[journal]\nretention_months=12\n", "front")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	if !strings.Contains(s.log.String(), "wait for a restart\" keys=[journal]") {
		t.Errorf("not told what waits for a restart:\n%s", s.log.String())
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+page.Addr().String()+"/slips/sale-770001", nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "data", "page-key"))
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "receiptd", Value: strings.TrimSpace(string(key))})
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	at := s.copyOf(770001).At.In(zone)
	for _, want := range []string{"What happened", at.Format("15:04:05")} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the page does not say %q:\n%s", want, body)
		}
	}
}

// The service manager hears that receiptd starts, is ready, alive, reloading, ready again, and stopping.
func TestNotify(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	s.start()
	var heard []string
	const patience = "EXTEND_TIMEOUT_USEC=30000000" // as often as the start takes
	next := func(want string) {
		t.Helper()
		for got := range s.notified {
			if got == want {
				heard = append(heard, got)
				return
			}
			if got != "WATCHDOG=1" && (got != patience || len(heard) == 0 || heard[len(heard)-1] != patience) {
				t.Fatalf("after %v came %q, want %q", heard, got, want)
			}
		}
	}
	next(patience)
	next("READY=1")
	next("WATCHDOG=1")
	next("WATCHDOG=1")
	s.reload <- syscall.SIGHUP
	next("RELOADING=1")
	next("READY=1")
	s.end()
	next("STOPPING=1")
}

// A reload leaves a printer alone whose section did not change: the slip on its wire is not disturbed.
func TestReloadLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 30}, "front", "kitchen")
	s.write("", "front")
	s.start()
	s.sale(770001, "")
	s.await("the slip to begin", func() bool { return s.copyOf(770001).State == queue.Sending })
	s.write("", "front", "kitchen")
	s.await("the reload", func() bool { return strings.Contains(s.log.String(), "configuration read again") })
	s.proven(770001)
}
