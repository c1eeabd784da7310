package service

import (
	"testing"

	"github.com/receiptd/receiptd/packaging"
)

// What the shipped unit, alone and with drop-ins, lets the service see and write.
func TestParseUnit(t *testing.T) {
	for _, row := range []struct {
		name, dropIn        string
		path                string
		wantSees, wantWrite bool
	}{
		{"spool", "", "/var/spool/receiptd", true, true},
		{"below the journal's folder", "", "/var/lib/receiptd/data", true, true},
		{"log", "", "/var/log/receiptd", true, true},
		{"elsewhere", "", "/srv/pos", true, false},
		{"like it by name only", "", "/var/spool/receiptd2", true, false},
		{"home", "", "/home/me/drop", false, false},
		{"root", "", "/root", false, false},
		{"tmp", "", "/tmp/drop", false, false},
		{"allowed", "ReadWritePaths=/srv/pos", "/srv/pos/incoming", true, true},
		{"allowed when there", "ReadWritePaths=/a \"-/srv/pos drop\"", "/srv/pos drop", true, true},
		{"percent", "ReadWritePaths=/srv/100%%", "/srv/100%", true, true},
		{"specifier", "ReadWritePaths=%S/pos", "/srv/pos", true, true},
		{"over two lines", "ReadWritePaths=/a \\\n  /srv/pos", "/srv/pos", true, true},
		{"taken back", "ReadWritePaths=/srv/pos\nReadWritePaths=", "/var/spool/receiptd", true, false},
		{"commented out", "#ReadWritePaths=/srv/pos", "/srv/pos", true, false},
		{"another section", "ReadWritePaths=/a\n[Unit]\nReadWritePaths=/srv/pos", "/srv/pos", true, false},
		{"home opened", "ProtectHome=no\nReadWritePaths=/home/me", "/home/me/drop", true, true},
		{"home to be read", "ProtectHome=read-only", "/home/me", true, false},
		{"bound", "BindPaths=/home/me/drop", "/home/me/drop", true, true},
		{"not strict", "ProtectSystem=full", "/srv/pos", true, true},
	} {
		u := ParseUnit(packaging.Unit + "\n# /etc/systemd/system/receiptd.service.d/x.conf\n[Service]\n" + row.dropIn + "\n")
		if sees, writes := u.Sees(row.path), u.Writes(row.path); sees != row.wantSees || writes != row.wantWrite {
			t.Errorf("%s: %s: sees %v, writes %v", row.name, row.path, sees, writes)
		}
		if u.Config != configFile {
			t.Errorf("%s: configuration %s", row.name, u.Config)
		}
	}
	own := ParseUnit(packaging.Unit + "\n[Service]\nExecStart=\nExecStart=/usr/bin/receiptd run --quiet --config \"/srv/my %% $$shop/a.toml\"\n")
	if own.Config != "/srv/my % $shop/a.toml" {
		t.Errorf("configuration %s", own.Config)
	}
}

// The unit is read only of a service that is in use.
func TestUnitInUse(t *testing.T) {
	m := newMachine(t, true)
	s := m.systemd(m.options())
	if _, ok := s.Unit(t.Context()); ok {
		t.Error("a unit before it was installed")
	}
	m.put(packagedUnit, packaging.Unit)
	if _, ok := s.Unit(t.Context()); ok {
		t.Error("a unit that nobody starts")
	}
	m.answer = map[string]string{"systemctl is-enabled receiptd": "enabled", "systemctl cat receiptd": packaging.Unit}
	if u, ok := s.Unit(t.Context()); !ok || u.Writes("/srv") || !u.Writes("/var/spool/receiptd") {
		t.Errorf("%v %+v", ok, u)
	}
	m.fail = "systemctl cat"
	if _, ok := s.Unit(t.Context()); ok {
		t.Error("a unit that could not be read")
	}
}
