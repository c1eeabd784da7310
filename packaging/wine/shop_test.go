//go:build wine

package wine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/examples"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A shop is receiptd in the prefix, with a virtual printer of this side.
type shop struct {
	t       *testing.T
	root    string // C:\NAME
	page    string
	printer *virtual.Printer
	daemon  *exec.Cmd
	log     lockedBuffer
}

// newShop writes the configuration of a shop with one printer.
func newShop(t *testing.T, name, device, extra string, printer *virtual.Printer) *shop {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, root: `C:\` + name, page: l.Addr().String(), printer: printer}
	l.Close()
	put(t, s.root+`\receiptd.toml`, fmt.Sprintf("[spool]\ndir = '%[1]s\\spool'\nrescan = \"500ms\"\n[data]\ndir = '%[1]s\\data'\n[http]\nlisten = %[2]q\n[[printer]]\nname = \"front\"\ndevice = %[3]q\n%[4]s\n",
		s.root, s.page, device, extra))
	t.Cleanup(s.kill)
	return s
}

func (s *shop) start() {
	s.t.Helper()
	s.daemon = command(context.Background(), w.program, "--lang", "en", "run", "--config", s.root+`\receiptd.toml`)
	s.daemon.Stdout, s.daemon.Stderr = &s.log, &s.log
	if err := s.daemon.Start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) ready() {
	s.t.Helper()
	await(s.t, "the daemon", func() bool { _, err := get("http://" + s.page + "/healthz"); return err == nil })
}

// kill ends the process like a power cut does.
func (s *shop) kill() {
	if s.daemon != nil {
		_ = syscall.Kill(-s.daemon.Process.Pid, syscall.SIGKILL) // it may be gone
		_ = s.daemon.Wait()
		s.daemon = nil
	}
}

// drop puts a sale into the drop folder as a program should: written aside, then renamed.
func (s *shop) drop(voucher int) string {
	s.t.Helper()
	data, err := examples.Jobs.ReadFile("jobs/01-sale-chip.json")
	if err != nil {
		s.t.Fatal(err)
	}
	number := fmt.Sprintf("%06d", voucher)
	text := strings.ReplaceAll(string(data), "105233", number)
	var body map[string]any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		s.t.Fatal(err)
	}
	out, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	name := number + ".json"
	put(s.t, s.root+`\spool\incoming\.`+name+".tmp", string(out))
	dir := here(s.root + `\spool\incoming`)
	if err := os.Rename(filepath.Join(dir, "."+name+".tmp"), filepath.Join(dir, name)); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// answer is what the drop folder says of a job.
func (s *shop) answer(name string) string {
	data, _ := os.ReadFile(here(s.root + `\spool\results\` + name)) // not there yet
	return string(data)
}

// printed waits until both copies of a job are out.
func (s *shop) printed(name string) {
	s.t.Helper()
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("%s\n%s\n%s", name, s.answer(name), s.log.String())
		}
	})
	await(s.t, name+" to be printed", func() bool { return strings.Count(s.answer(name), `"state": "printed"`) == 2 })
}

func tcpPrinter(t *testing.T) (device string, p *virtual.Printer) {
	t.Helper()
	p = virtual.New(virtual.Options{Speed: virtual.Max})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served(t, func(ctx context.Context) error { return p.ServeTCP(ctx, l) })
	return "tcp://" + l.Addr().String(), p
}

// served runs a printer until the test is over.
func served(t *testing.T, serve func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// TestKill: a network printer, slips in the drop folder, the program killed again and again. Nothing is lost, and no second copy passes
// for the first; afterwards the last slip is reprinted from a command line.
func TestKill(t *testing.T) {
	device, printer := tcpPrinter(t)
	s := newShop(t, "kill", device, `proof = "A"`, printer)
	times := *kills
	if *long {
		times = max(times, 30)
	}
	var names []string
	for i := range times {
		names = append(names, s.drop(770001+i))
		s.start()
		if i%3 > 0 {
			s.ready()
		}
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond) // the random moment, not a wait for something
		s.kill()
	}
	s.start()
	s.ready()
	for _, name := range names {
		await(t, name+" to be over", func() bool {
			a := s.answer(name)
			return strings.Contains(a, `"outcome": "accepted"`) && !strings.Contains(a, `"queued"`) && !strings.Contains(a, `"sending"`)
		})
	}
	for i, name := range names {
		seen := map[string]int{}
		for _, piece := range printer.Pieces() {
			text := piece.Text()
			if !strings.Contains(text, fmt.Sprint(770001+i)) || strings.Contains(text, "DUPLICAT") {
				continue
			}
			for _, label := range []string{"MERCHANT COPY", "CARDHOLDER COPY"} {
				if strings.Contains(text, label) {
					seen[label]++
				}
			}
		}
		answer := s.answer(name)
		for label, n := range seen {
			if n > 1 {
				t.Errorf("%s: %d unmarked copies of %s\n%s", name, n, label, answer)
			}
		}
		if len(seen) < 2 && !strings.Contains(answer, "uncertain") {
			t.Errorf("%s: only %v on the paper\n%s", name, seen, answer)
		}
	}
	if left, err := os.ReadDir(here(s.root + `\spool\.taken`)); err != nil || len(left) > 1 { // the lock may be there
		t.Errorf("claimed files stay: %v, %v", left, err)
	}
	if r := receiptd(t, "--lang", "en", "journal", "verify", "--config", s.root+`\receiptd.toml`); r.code != 0 {
		t.Errorf("journal: %+v", r)
	}
	before := len(printer.Pieces())
	if r := receiptd(t, "--lang", "en", "reprint", "--voucher", "770001", "--operator", "01", "--config", s.root+`\receiptd.toml`); r.code != 0 && !strings.Contains(r.out+r.err, "uncertain") {
		t.Errorf("reprint: %+v", r)
	} else if r.code == 0 {
		await(t, "the reprint", func() bool { return len(printer.Pieces()) > before })
	}
}

// TestSerial: COM5 of wine is a pseudo terminal of this side. What the line itself tells (its speed, DSR and CTS) is not there: a
// pseudo terminal has no such lines, so flow is none.
func TestSerial(t *testing.T) {
	printer := virtual.New(virtual.Options{Speed: virtual.Real, MMPerSecond: 3000, Baud: 19200})
	tty := filepath.Join(t.TempDir(), "tty")
	served(t, func(ctx context.Context) error { return printer.ServePTY(ctx, tty) })
	await(t, "the terminal", func() bool { _, err := os.Stat(tty); return err == nil })
	real, err := filepath.EvalSymlinks(tty)
	if err != nil {
		t.Fatal(err)
	}
	com := filepath.Join(w.dir, "prefix", "dosdevices", "com5")
	os.Remove(com) // an earlier run's
	if err := os.Symlink(real, com); err != nil {
		t.Fatal(err)
	}
	s := newShop(t, "serial", "serial://COM5?baud=19200&flow=none", "", printer)
	s.start()
	s.ready()
	s.printed(s.drop(880001))
	if r := receiptd(t, "--lang", "en", "reprint", "--voucher", "880001", "--operator", "01", "--config", s.root+`\receiptd.toml`); r.code != 0 {
		t.Fatalf("reprint: %+v", r)
	}
	await(t, "the marked copy", func() bool {
		return slices.ContainsFunc(printer.Pieces(), func(p virtual.Piece) bool {
			return strings.Contains(p.Text(), "880001") && strings.Contains(p.Text(), "DUPLICATE")
		})
	})
	if n := len(printer.Pieces()); n != 3 {
		t.Errorf("%d pieces of paper for two copies and a reprint", n)
	}
}

// TestInstall unpacks what a zip holds and runs install.cmd as far as wine goes: a wine without a desktop runs no service of a session
// manager, so the service is registered and not started.
func TestInstall(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	dir := here(`C:\unpacked`)
	if *long {
		unpack(t, dir)
	} else {
		for _, name := range []string{"install.cmd", "uninstall.cmd"} {
			data, err := os.ReadFile(filepath.Join("..", "windows", name))
			if err != nil {
				t.Fatal(err)
			}
			put(t, `C:\unpacked\`+name, string(data))
		}
		put(t, `C:\unpacked\docs\operator.md`, "guide")
		put(t, `C:\unpacked\examples\jobs\a.json`, "{}")
		put(t, `C:\unpacked\receiptd.toml`, "# example\n")
		if err := os.Link(w.exe, filepath.Join(dir, "receiptd.exe")); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time over the first
		r := run(t, "cmd", "/d", "/c", `C:\unpacked\install.cmd`)
		if r.code != 0 || !strings.Contains(r.out, `C:\ProgramData\receiptd\receiptd.toml`) {
			t.Fatalf("%+v", r)
		}
		forWindows(t, "install.cmd", r.out+r.err)
	}
	for _, path := range []string{`C:\Program Files\receiptd\receiptd.exe`, `C:\Program Files\receiptd\docs\operator.md`, `C:\ProgramData\receiptd\receiptd.toml`, `C:\ProgramData\receiptd\spool`} {
		if _, err := os.Stat(here(path)); err != nil {
			t.Error(err)
		}
	}
	if r := cmdexe(t, "reg query \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\" /v Path"); !strings.Contains(r.out, `C:\Program Files\receiptd`) {
		t.Errorf("command lines do not find it: %+v", r)
	}
	if r := run(t, "cmd", "/d", "/c", `C:\Program Files\receiptd\uninstall.cmd`); r.code == 0 {
		t.Errorf("uninstall.cmd is not copied, and ran: %+v", r)
	}
	if r := run(t, "cmd", "/d", "/c", `C:\unpacked\uninstall.cmd`); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(here(`C:\Program Files\receiptd\receiptd.exe`)); err == nil {
		t.Error("the program stays")
	}
	if _, err := os.Stat(here(`C:\ProgramData\receiptd\receiptd.toml`)); err != nil {
		t.Errorf("the configuration went along: %v", err)
	}
}

// unpack builds the real zip and takes it apart.
func unpack(t *testing.T, dir string) {
	t.Helper()
	out := t.TempDir()
	for _, args := range [][]string{{"../build.sh", "0.0.0", "amd64", "zip", out}, {"unzip", "-q", filepath.Join(out, "receiptd-0.0.0-windows-amd64.zip"), "-d", out}, {"mv", filepath.Join(out, "receiptd-0.0.0"), dir}} {
		if text, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, text)
		}
	}
}
