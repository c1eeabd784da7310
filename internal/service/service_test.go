package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	kservice "github.com/kardianos/service"

	"github.com/receiptd/receiptd/packaging"
)

// machine is a system in a temporary folder that writes down the commands it was given.
type machine struct {
	t        *testing.T
	root     string
	commands []string
	fail     string // the command that fails
	answer   map[string]string
	told     []string
	admin    bool
}

func newMachine(t *testing.T, systemd bool) *machine {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir()) // the folder for temporary files may be a link itself
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, root: root, admin: true, answer: map[string]string{}}
	if systemd {
		m.put(running+"/x", "")
	}
	m.put("/home/me/receiptd", "the program")
	return m
}

func (m *machine) put(path, text string) {
	m.t.Helper()
	full := filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// read gives a file's content; "" when there is none.
func (m *machine) read(path string) string {
	m.t.Helper()
	data, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
	return string(data)
}

// written are folders that the service writes.
func written(paths ...string) (out []Folder) {
	for _, p := range paths {
		out = append(out, Folder{Path: p, Owner: user, Mode: fs.ModeSetgid | 0o750, Writes: true})
	}
	return out
}

func (m *machine) options() Options {
	return Options{Executable: filepath.Join(m.root, "/home/me/receiptd"), root: m.root, isRoot: func() bool { return m.admin },
		account: func(string) (account, error) { return account{uid: os.Geteuid(), gid: os.Getegid()}, nil },
		Tell:    func(_, en string) { m.told = append(m.told, en) },
		run: func(_ context.Context, name string, args ...string) (string, error) {
			c := name + " " + strings.ReplaceAll(strings.Join(args, " "), m.root, "")
			m.commands = append(m.commands, c)
			if m.fail != "" && strings.HasPrefix(c, m.fail) {
				return "", fmt.Errorf("%s failed", m.fail)
			}
			return m.answer[c], nil
		}}
}

func (m *machine) systemd(o Options) *Manager {
	o.fill()
	return &Manager{systemd: &systemd{o}}
}

func TestInstall(t *testing.T) {
	m := newMachine(t, true)
	o := m.options()
	o.Folders = written("/var/spool/receiptd", "/srv/pos drop", "/srv/pos drop/incoming", "/var/lib/receiptd")
	s := m.systemd(o)
	if err := s.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	unit := m.read(unitFile)
	if !strings.Contains(unit, "ExecStart=/usr/local/bin/receiptd run --quiet\n") || !strings.Contains(unit, "Type=notify") {
		t.Errorf("unit:\n%s", unit)
	}
	if m.read(program) != "the program" {
		t.Error("the program was not copied to where the service may read it")
	}
	if got := m.read(foldersFile); !strings.Contains(got, `ReadWritePaths="-/srv/pos drop"`) || strings.Contains(got, "/var/spool") {
		t.Errorf("folders:\n%s", got)
	}
	for _, f := range []string{sysusersFile, tmpfilesFile, udevFile, configFile} {
		if m.read(f) == "" {
			t.Errorf("%s was not written", f)
		}
	}
	want := []string{"systemd-sysusers " + sysusersFile, "systemd-tmpfiles --create " + tmpfilesFile, "udevadm control --reload",
		"systemctl daemon-reload", "systemctl enable receiptd"}
	if !slices.Equal(m.commands, want) {
		t.Errorf("commands:\n%s", strings.Join(m.commands, "\n"))
	}
	// A second time keeps the shop's configuration and writes nothing anew.
	m.put(configFile, "# ours")
	m.told = nil
	if err := s.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.read(configFile) != "# ours" || len(m.told) != 1 {
		t.Errorf("the second install wrote: %q, configuration %q", m.told, m.read(configFile))
	}
}

func TestInstallOwnConfig(t *testing.T) {
	m := newMachine(t, true)
	o := m.options()
	o.Executable, o.Config = "/usr/bin/receiptd", "/srv/till.toml"
	if err := m.systemd(o).Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.read(unitFile), "ExecStart=/usr/bin/receiptd run --quiet --config /srv/till.toml\n") || m.read(program) != "" || m.read(configFile) != "" {
		t.Errorf("unit:\n%s", m.read(unitFile))
	}
}

// A configuration of any name reaches the program as one word, which systemd takes as it is.
func TestInstallOddNames(t *testing.T) {
	for path, want := range map[string]string{
		"/srv/till.toml":          "/srv/till.toml",
		"/srv/my shop/a.toml":     `"/srv/my shop/a.toml"`,
		"/srv/100%/$HOME/till;.t": `"/srv/100%%/$$HOME/till;.t"`,
		"/srv/收银/receiptd.toml":   `"/srv/收银/receiptd.toml"`,
	} {
		m := newMachine(t, true)
		o := m.options()
		o.Executable, o.Config, o.Folders = "/opt/my tools/receiptd", path, written("/srv/100% paper")
		if err := m.systemd(o).Install(t.Context()); err != nil {
			t.Fatal(err)
		}
		if unit := m.read(unitFile); !strings.Contains(unit, "\nExecStart=\"/opt/my tools/receiptd\" run --quiet --config "+want+"\n") {
			t.Errorf("%s: unit:\n%s", path, unit)
		}
		if got := m.read(foldersFile); !strings.Contains(got, "\nReadWritePaths=\"-/srv/100%% paper\"\n") {
			t.Errorf("folders:\n%s", got)
		}
	}
}

// Beside a package's unit the configuration is named in a drop-in, which goes when the usual one is in use again.
func TestInstallOwnConfigOfPackage(t *testing.T) {
	m := newMachine(t, true)
	m.put(packagedUnit, packaging.Unit)
	o := m.options()
	o.Config = "/srv/till.toml"
	if err := m.systemd(o).Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := m.read(startFile); !strings.Contains(got, "\n[Service]\nExecStart=\nExecStart=/usr/bin/receiptd run --quiet --config /srv/till.toml\n") || m.read(unitFile) != "" {
		t.Errorf("drop-in:\n%s", got)
	}
	o.Config = ""
	if err := m.systemd(o).Install(t.Context()); err != nil || m.read(startFile) != "" {
		t.Errorf("%v, drop-in:\n%s", err, m.read(startFile))
	}
}

func TestInstallRefused(t *testing.T) {
	for _, row := range []struct {
		name    string
		prepare func(*machine, *Options)
		want    error
	}{
		{"not root", func(m *machine, _ *Options) { m.admin = false }, ErrNeedRoot},
		{"no systemd", func(m *machine, _ *Options) { os.RemoveAll(filepath.Join(m.root, "run")) }, ErrNoManager},
		{"folder that cannot be written into a unit", func(_ *machine, o *Options) { o.Folders = written("/a\nExecStart=/bin/sh") }, ErrPathName},
		{"configuration that cannot be written into a unit", func(_ *machine, o *Options) { o.Config = `/srv/"a"` }, ErrPathName},
		{"configuration from here", func(_ *machine, o *Options) { o.Config = "till.toml" }, ErrPathName},
		{"configuration at home", func(_ *machine, o *Options) { o.Config = "/home/me/till.toml" }, ErrHidden},
		{"configuration of the administrator", func(_ *machine, o *Options) { o.Config = "/root/till.toml" }, ErrHidden},
		{"configuration in the service's own /tmp", func(_ *machine, o *Options) { o.Config = "/tmp/till.toml" }, ErrHidden},
		{"folder at home", func(_ *machine, o *Options) { o.Folders = written("/var/lib/receiptd", "/home/me/drop") }, ErrHidden},
		{"link to home", func(m *machine, o *Options) {
			m.put("/home/me/till.toml", "")
			if err := errors.Join(os.MkdirAll(filepath.Join(m.root, "srv"), 0o755), os.Symlink(filepath.Join(m.root, "home/me"), filepath.Join(m.root, "srv/me"))); err != nil {
				m.t.Fatal(err)
			}
			o.Config = "/srv/me/till.toml"
		}, ErrHidden},
		{"a command fails", func(m *machine, _ *Options) { m.fail = "systemctl enable" }, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := newMachine(t, true)
			o := m.options()
			row.prepare(m, &o)
			err := m.systemd(o).Install(t.Context())
			if err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if row.want != nil && (m.read(foldersFile) != "" || m.read(unitFile) != "") {
				t.Error("something was written")
			}
		})
	}
}

// Removal takes what Install wrote and nothing else.
func TestUninstall(t *testing.T) {
	m := newMachine(t, true)
	s := m.systemd(m.options())
	if err := s.Uninstall(t.Context()); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("before it was installed: %v", err)
	}
	if err := s.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.put("/var/lib/receiptd/journal.db", "records")
	m.commands = nil
	if err := s.Uninstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{unitFile, sysusersFile, tmpfilesFile, udevFile} {
		if m.read(f) != "" {
			t.Errorf("%s is still there", f)
		}
	}
	if m.read("/var/lib/receiptd/journal.db") == "" || m.read(configFile) == "" {
		t.Error("the removal took records or configuration")
	}
	if want := []string{"systemctl disable --now receiptd", "systemctl daemon-reload"}; !slices.Equal(m.commands, want) {
		t.Errorf("commands: %q", m.commands)
	}
	m.put(packagedUnit, "x")
	if err := s.Uninstall(t.Context()); !errors.Is(err, ErrPackaged) {
		t.Errorf("of a package: %v", err)
	}
}

func TestControl(t *testing.T) {
	m := newMachine(t, true)
	s := m.systemd(m.options())
	if err := s.Start(t.Context()); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("start before install: %v", err)
	}
	m.put(packagedUnit, "x")
	m.answer = map[string]string{"systemctl is-active receiptd": "active", "systemctl is-enabled receiptd": "enabled"}
	if err := errors.Join(s.Install(t.Context()), s.Start(t.Context()), s.Stop(t.Context())); err != nil {
		t.Fatal(err)
	}
	if m.read(unitFile) != "" {
		t.Error("install wrote a second unit over a package's")
	}
	if want := []string{"systemctl daemon-reload", "systemctl enable receiptd", "systemctl start receiptd", "systemctl stop receiptd"}; !slices.Equal(m.commands, want) {
		t.Errorf("commands: %q", m.commands)
	}
	st, err := s.Status(t.Context())
	if want := (Status{Installed: true, Enabled: true, Running: true, Detail: "active"}); err != nil || st != want {
		t.Errorf("status %+v, %v", st, err)
	}
}

// fakeControl is a service manager of another system.
type fakeControl struct {
	installed, running bool
	calls              []string
}

func (f *fakeControl) call(name string, change func()) error {
	f.calls = append(f.calls, name)
	if name != "install" && !f.installed {
		return kservice.ErrNotInstalled
	}
	change()
	return nil
}
func (f *fakeControl) Install() error   { return f.call("install", func() { f.installed = true }) }
func (f *fakeControl) Uninstall() error { return f.call("uninstall", func() { f.installed = false }) }
func (f *fakeControl) Start() error     { return f.call("start", func() { f.running = true }) }
func (f *fakeControl) Stop() error      { return f.call("stop", func() { f.running = false }) }
func (f *fakeControl) Status() (kservice.Status, error) {
	switch {
	case !f.installed:
		return kservice.StatusUnknown, kservice.ErrNotInstalled
	case f.running:
		return kservice.StatusRunning, nil
	}
	return kservice.StatusStopped, nil
}

// What Windows would be told, behind the seam: folders with their rights, a configuration in ProgramData, the service.
func TestNative(t *testing.T) {
	m := newMachine(t, false)
	o := m.options()
	fake := &fakeControl{}
	o.control = fake
	kept := 0
	o.keepUp = func() error { kept++; return nil }
	var paths []string
	o.onPath = func(dir string, wanted bool) error { paths = append(paths, fmt.Sprint(dir, " ", wanted)); return nil }
	n, err := newNative(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &Manager{native: n}
	if err := s.Start(t.Context()); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("start before install: %v", err)
	}
	if err := errors.Join(s.Install(t.Context()), s.Install(t.Context()), s.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	if kept != 2 {
		t.Errorf("the restart after a fault was asked for %d times: at each install, also over an older one", kept)
	}
	if got := n.settings(); !slices.Equal(got.Arguments, []string{"run", "--quiet", "--config", filepath.Join(m.root, "receiptd", "receiptd.toml")}) {
		t.Errorf("arguments %q", got.Arguments)
	}
	text := m.read("/receiptd/receiptd.toml")
	if !strings.Contains(text, "dir = '"+filepath.Join(m.root, "receiptd", "spool")+"'") || !strings.Contains(text, "receiptd.log") {
		t.Errorf("configuration:\n%s", text)
	}
	rights := strings.Join(m.commands, "\n")
	if !strings.Contains(rights, "icacls /receiptd/data /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F /grant:r *S-1-5-32-544:(OI)(CI)F\n") ||
		!strings.Contains(rights, "icacls /receiptd/spool /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F /grant:r *S-1-5-32-544:(OI)(CI)F /grant:r *S-1-5-32-545:(OI)(CI)M\n") {
		t.Errorf("rights:\n%s", rights)
	}
	st, err := s.Status(t.Context())
	if err != nil || !st.Installed || !st.Running {
		t.Errorf("status %+v, %v", st, err)
	}
	if err := s.Uninstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dir := filepath.Dir(o.Executable); !slices.Equal(paths, []string{dir + " true", dir + " true", dir + " false"}) {
		t.Errorf("the path of command lines: %q", paths)
	}
	if want := []string{"start", "install", "start", "stop", "uninstall"}; !slices.Equal(fake.calls, want) {
		t.Errorf("calls %q", fake.calls)
	}
	if m.read("/receiptd/receiptd.toml") == "" {
		t.Error("the removal took the configuration")
	}
	m.admin = false
	if err := s.Install(t.Context()); !errors.Is(err, ErrNeedRoot) {
		t.Errorf("without rights: %v", err)
	}
}
