//go:build unix

package service

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/packaging"
)

// Install makes the folders that are missing, with their modes whatever the umask, and leaves alone what stands there.
func TestInstallMakesFolders(t *testing.T) {
	m := newMachine(t, true)
	m.put("/srv/shop/keep/x", "")
	if err := os.Chmod(filepath.Join(m.root, "srv/shop/keep"), 0o711); err != nil {
		t.Fatal(err)
	}
	o := m.options()
	o.Folders = append(written("/srv/shop/keep", "/srv/pos/drop", "/srv/pos/drop/incoming"), Folder{Path: "/srv/templates", Owner: "root", Mode: 0o755})
	o.Folders[2].Mode = fs.ModeSetgid | 0o770
	s := m.systemd(o)
	plan, err := s.Plan(t.Context())
	if err != nil || len(m.commands) != 0 || m.exists("/srv/pos") {
		t.Fatalf("a plan changed something: %v, %q", err, m.commands)
	}
	if err := s.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []fs.FileMode{0o711, fs.ModeSetgid | 0o750, fs.ModeSetgid | 0o770, 0o755} {
		st, err := os.Stat(filepath.Join(m.root, o.Folders[i].Path))
		if err != nil || st.Mode() != fs.ModeDir|want || plan.Folders[i].There != (i == 0) {
			t.Errorf("%s: %v %v, planned %+v", o.Folders[i].Path, st, err, plan.Folders[i])
		}
	}
	for _, f := range plan.Files {
		if f.From == "" && m.read(f.Path) != f.Text {
			t.Errorf("%s is not as planned", f.Path)
		}
	}
	if got := strings.Join(m.told, "\n"); !strings.Contains(got, "made folder /srv/pos/drop (receiptd, 2750)") || strings.Contains(got, "keep") {
		t.Errorf("told:\n%s", got)
	}
	if again, err := s.Plan(t.Context()); err != nil || !again.Folders[1].There || len(again.Files) != len(plan.Files)-1 {
		t.Errorf("a second plan: %+v, %v", again, err)
	}
}

func (m *machine) exists(path string) bool {
	_, err := os.Stat(filepath.Join(m.root, path))
	return err == nil
}

// What the service's user could not use is refused with the command that mends it, before a unit is written.
func TestInstallRefusesFolders(t *testing.T) {
	for _, row := range []struct {
		name    string
		prepare func(*machine, *Options)
		denied  string // the right that the system denies, and where
		want    string // in the command
	}{
		{"not writable", func(m *machine, o *Options) { m.put("/srv/drop/x", ""); o.Folders = written("/srv/drop") }, "-w /srv/drop", "sudo chown receiptd:receiptd /srv/drop && sudo chmod 2750 /srv/drop"},
		{"not readable", func(m *machine, o *Options) {
			m.put("/srv/my templates/x", "")
			o.Folders = []Folder{{Path: "/srv/my templates", Owner: "root", Mode: 0o755}}
		}, "-r /srv/my templates", "sudo chown root:root '/srv/my templates' && sudo chmod 0755 '/srv/my templates'"},
		{"closed above", func(m *machine, o *Options) {
			m.put("/srv/closed/drop/x", "")
			o.Folders = written("/srv/closed/drop")
		}, "-x /srv/closed,-x /srv/closed/drop", "sudo chmod o+x /srv/closed"},
		{"closed above what is missing", func(m *machine, o *Options) {
			m.put("/srv/closed/x", "")
			o.Folders = written("/srv/closed/drop")
		}, "-x /srv/closed", "sudo chmod o+x /srv/closed"},
		{"a file", func(m *machine, o *Options) { m.put("/srv/drop", ""); o.Folders = written("/srv/drop/incoming") }, "", "sudo mv /srv/drop /srv/drop.old"},
		{"configuration", func(m *machine, o *Options) { m.put("/srv/till.toml", ""); o.Config = "/srv/till.toml" }, "-r /srv/till.toml", "sudo chgrp receiptd /srv/till.toml && sudo chmod g+r /srv/till.toml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := newMachine(t, true)
			o := m.options()
			row.prepare(m, &o)
			o.may = func(_ context.Context, _ account, path, right string) bool {
				asked := right + " " + strings.TrimPrefix(path, m.root)
				for denied := range strings.SplitSeq(row.denied, ",") {
					if asked == denied {
						return false
					}
				}
				return true
			}
			var fe *FolderError
			if err := m.systemd(o).Install(t.Context()); !errors.As(err, &fe) || fe.Command != row.want {
				t.Errorf("%v: %+v, want %s", err, fe, row.want)
			}
			if m.exists(unitFile) {
				t.Error("the unit was written")
			}
		})
	}
}

// The system itself is asked, as the user: also access lists would count.
func TestMay(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to ask as another user")
	}
	dir := t.TempDir()
	for d := dir; d != "/" && d != os.TempDir(); d = filepath.Dir(d) { // the way there
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	nobody := account{uid: 65534, gid: 65534}
	if may(t.Context(), nobody, dir, "-w") || !may(t.Context(), nobody, dir, "-r") || !may(t.Context(), account{}, dir, "-w") {
		t.Error("permission bits do not count")
	}
	if err := os.Chmod(dir, 0o777); err != nil || !may(t.Context(), nobody, dir, "-w") {
		t.Errorf("open to all: %v", err)
	}
}

// Somebody who may write beside a folder that is made cannot have root make another.
func TestMakeFolderFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "elsewhere"), 0o755), os.Symlink(filepath.Join(dir, "elsewhere", "gone"), filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	if made, err := makeFolder(filepath.Join(dir, "link", "drop"), 0o755, account{uid: os.Geteuid(), gid: os.Getegid()}); err == nil || made {
		t.Errorf("made %v, %v", made, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "elsewhere")); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

// A purge leaves the journal, its backups and what waits, says where they are, and nothing else.
func TestPurge(t *testing.T) {
	m := newMachine(t, true)
	o := m.options()
	o.Folders = written("/var/lib/receiptd", "/srv/pos drop", "/srv/data")
	run := o.run
	o.run = func(ctx context.Context, name string, args ...string) (string, error) {
		if name == "env" {
			return runCommand(ctx, name, args...)
		}
		return run(ctx, name, args...)
	}
	s := m.systemd(o)
	if err := s.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	stays := []string{"/srv/data/journal.db", "/srv/data/backup-1.db", "/srv/pos drop/incoming/waits.json", "/etc/receiptd/templates/sale.receipt"}
	goes := []string{"/srv/data/ballast", "/srv/data/lock", "/srv/data/token", "/srv/data/page-key", "/srv/data/name-key", "/srv/data/tiers.json",
		"/srv/data/supervisor-pin", "/srv/data/devices.json", "/srv/data/lan-ca.pem", "/srv/data/lan-leaf.pem", "/var/log/receiptd/receiptd.log", "/etc/systemd/system/multi-user.target.wants/receiptd.service"}
	for _, f := range append(stays, goes...) {
		m.put(f, "x")
	}
	for _, d := range []string{"/srv/pos drop/results", "/srv/pos drop/.taken", "/srv/pos drop/rejected"} {
		if err := os.MkdirAll(filepath.Join(m.root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m.told = nil
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range stays {
		if !m.exists(f) {
			t.Errorf("%s is gone", f)
		}
	}
	for _, f := range append(goes, unitFile, foldersFile, filepath.Dir(foldersFile), sysusersFile, tmpfilesFile, udevFile, program, configFile, "/var/lib/receiptd",
		"/srv/pos drop/results", "/srv/pos drop/.taken") {
		if m.exists(f) {
			t.Errorf("%s stays", f)
		}
	}
	if got := strings.Join(m.told, "\n"); !strings.Contains(got, "the journal stays in /srv/data.") || !strings.Contains(got, "files stay in /srv/pos drop.") || !strings.Contains(got, "files stay in /etc/receiptd.") {
		t.Errorf("told:\n%s", got)
	}
	m.put(packagedUnit, packaging.Unit)
	if err := s.Purge(t.Context()); !errors.Is(err, ErrPackaged) {
		t.Errorf("of a package: %v", err)
	}
}
