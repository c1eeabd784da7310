package main

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/internal/service"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
)

// The process tells the service manager over its socket what it does, reads its configuration again on SIGHUP, and ends
// orderly on SIGTERM.
func TestServiceNotify(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // sd_notify is Linux's
	}
	s := newShop(t, virtual.Options{Speed: virtual.Max}, "")
	path := filepath.Join(s.dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	s.daemon = s.command("run")
	s.daemon.Env = append(s.daemon.Env, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=200000")
	s.daemon.Stdout, s.daemon.Stderr = &s.log, &s.log
	if err := s.daemon.Start(); err != nil {
		t.Fatal(err)
	}
	next := func(want string) {
		t.Helper()
		buf := make([]byte, 256)
		for {
			if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			n, err := socket.Read(buf)
			if err != nil {
				t.Fatalf("waited for %s: %v\n%s", want, err, s.log.String())
			}
			if got := string(buf[:n]); got == want {
				return
			} else if got != "WATCHDOG=1" && (want != "READY=1" || !strings.HasPrefix(got, "EXTEND_TIMEOUT_USEC=")) {
				t.Fatalf("heard %s, want %s", got, want)
			}
		}
	}
	next("READY=1")
	next("WATCHDOG=1")
	if err := s.daemon.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	next("RELOADING=1")
	next("READY=1")
	if err := s.daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	next("STOPPING=1")
	if err := s.daemon.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
	s.daemon = nil
}

func TestServiceStatus(t *testing.T) {
	s := newShop(t, virtual.Options{}, "")
	cmd := s.command("service", "status", "--json")
	out, err := cmd.Output()
	var st struct{ Installed, Running *bool }
	if jerr := json.Unmarshal(out, &st); jerr != nil || st.Installed == nil || st.Running == nil {
		t.Fatalf("%v %v\n%s", jerr, err, out)
	}
	if code := cmd.ProcessState.ExitCode(); *st.Running != (code == exitDone) {
		t.Errorf("running %v, exit code %d", *st.Running, code)
	} else if !*st.Installed && code != exitNotFound {
		t.Errorf("not installed, exit code %d", code)
	}
}

// A dry run shows unit, rules and folders, changes nothing and needs no permission.
func TestServiceInstallDryRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // units are Linux's
	}
	cmd := exec.Command(os.Args[0], "service", "install", "--dry-run", "--config", "/srv/receiptd-none/till.toml")
	cmd.Env = append(os.Environ(), asProgram+"=1", "RECEIPTD_LANG=en")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"/etc/systemd/system/receiptd.service", "Type=notify", "70-receiptd.rules", "systemctl enable receiptd", "--config /srv/receiptd-none/till.toml"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	var shown strings.Builder
	g := serviceCommands{&app{lang: "en"}}
	c := config.Default()
	c.Spool.Dir = "/srv/drop"
	g.writePlan(&shown, service.Plan{Folders: serviceFolders(c)})
	for _, want := range []string{"make   /srv/drop receiptd 2750\n", "make   /srv/drop/incoming receiptd 2770\n", "make   /var/lib/receiptd receiptd 0750\n", "make   /etc/receiptd/templates root 0755\n"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("no %q in:\n%s", want, shown.String())
		}
	}
}

// doctor tells a sound shop with a running daemon from one without, names the trouble, and packs a bundle.
func TestDoctor(t *testing.T) {
	s := newShop(t, virtual.Options{Speed: virtual.Max}, `proof = "A"`)
	s.start()
	s.ready()
	s.drop("1.json", sale(t, 770001))
	s.await("the slip", func() bool {
		a, ok := s.answer("1.json")
		return ok && len(a.Copies) == 2 && a.Copies[1].State == queue.Printed
	})
	findings := func(args ...string) (map[string]doctor.Level, int) {
		t.Helper()
		cmd := s.command(append([]string{"doctor", "--json"}, args...)...)
		var complaints strings.Builder
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		var list []doctor.Finding
		if jerr := json.Unmarshal(out, &list); jerr != nil {
			t.Fatalf("%v %v\n%s%s", jerr, err, out, complaints.String())
		}
		levels := map[string]doctor.Level{}
		for _, f := range list {
			levels[f.Check] = f.Level
		}
		return levels, cmd.ProcessState.ExitCode()
	}
	bundle := filepath.Join(s.dir, "bundle.zip")
	got, code := findings("--bundle", bundle)
	for _, check := range []string{"config", "clock", "daemon", "drop_folder", "data_folder", "journal", "printer"} {
		if got[check] != doctor.Good {
			t.Errorf("%s is %q in a sound shop: %v", check, got[check], got)
		}
	}
	if code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if st, err := os.Stat(bundle); err != nil || st.Size() == 0 || st.Mode().Perm() != 0o600 {
		t.Errorf("bundle: %v %v", st, err)
	}
	if err := s.printer.Set(virtual.Change{Paper: "out"}); err != nil {
		t.Fatal(err)
	}
	s.kill()
	if got, code = findings("--printer", "front"); code != exitFailed || got["daemon"] != doctor.Warning || got["not_ready"] != doctor.Problem || got["journal"] != doctor.Good {
		t.Errorf("without a daemon and paper: exit code %d, %v", code, got)
	}
}

// The date of a release comes from its build, and doctor holds the clock against it.
func TestBuiltAt(t *testing.T) {
	defer func(was string) { built = was }(built)
	for text, want := range map[string]int64{"1700000000": 1700000000, "0": 0, "": 0, "yesterday": 0} {
		built = text
		if at := builtAt(); want != 0 && at.Unix() != want || want == 0 && at.Equal(time.Unix(0, 0)) {
			t.Errorf("built %q gives %v", text, at)
		}
	}
}

// A build without the release's flags names what the go command recorded.
func TestVersionOf(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	for _, row := range []struct {
		module   string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", nil, "1.2.3"},
		{"v1.0.0-rc.1", []debug.BuildSetting{revision}, "1.0.0-rc.1"},
		{"(devel)", nil, "dev"},
		{"", []debug.BuildSetting{revision}, "dev-0123456789ab"},
		{"v0.0.0-20261129214748-0123456789ab", []debug.BuildSetting{revision, {Key: "vcs.modified", Value: "true"}}, "dev-0123456789ab+changed"},
		{"v1.2.4-0.20261129214748-0123456789ab", []debug.BuildSetting{revision}, "dev-0123456789ab"},
	} {
		info := &debug.BuildInfo{Settings: row.settings}
		info.Main.Version = row.module
		if got := versionOf(info); got != row.want {
			t.Errorf("%q: %s, want %s", row.module, got, row.want)
		}
	}
}
