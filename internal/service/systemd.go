package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	inwords "github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/packaging"
)

// The places of an installation without a package (file-hierarchy(7), systemd.unit(5)).
const (
	unitFile     = "/etc/systemd/system/receiptd.service"
	foldersFile  = "/etc/systemd/system/receiptd.service.d/50-folders.conf"
	startFile    = "/etc/systemd/system/receiptd.service.d/50-config.conf" // beside a package's unit
	sysusersFile = "/etc/sysusers.d/receiptd.conf"
	tmpfilesFile = "/etc/tmpfiles.d/receiptd.conf"
	udevFile     = "/etc/udev/rules.d/70-receiptd.rules"
	configFile   = "/etc/receiptd/receiptd.toml"
	program      = "/usr/local/bin/receiptd"
	packagedUnit = "/usr/lib/systemd/system/receiptd.service"
	running      = "/run/systemd/system" // there when systemd runs, sd_booted(3)
)

// usualFolders are those that the unit may write anyway.
var usualFolders = []string{"/var/lib/receiptd", "/var/spool/receiptd", "/var/log/receiptd"}

// packagedStart is the line of the unit that starts a package's program.
const packagedStart = "ExecStart=/usr/bin/receiptd run --quiet"

type systemd struct{ o Options }

func (s *systemd) path(p string) string { return filepath.Join(s.o.root, p) }

func (s *systemd) exists(p string) bool {
	_, err := os.Stat(s.path(p))
	return err == nil
}

func (s *systemd) ready() error {
	switch {
	case !s.exists(running):
		return fmt.Errorf("%w: no systemd runs here", ErrNoManager)
	case !s.o.isRoot():
		return ErrNeedRoot
	}
	return nil
}

func (s *systemd) install(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	plan := s.plan()
	if err := s.makeUser(ctx, plan); err != nil {
		return err
	}
	if err := s.makeFolders(ctx); err != nil {
		return err
	}
	if err := s.place(ctx, plan); err != nil {
		return err
	}
	for _, c := range [][]string{{"daemon-reload"}, {"enable", Name}} {
		if _, err := s.o.run(ctx, "systemctl", c...); err != nil {
			return fmt.Errorf("install: %w", err)
		}
	}
	s.o.Tell("开机自动启动已打开", "starts with the system from now on")
	return nil
}

// check refuses, before anything is written, a configuration and folders with which the service could not start.
func (s *systemd) check() error {
	u := ParseUnit(packaging.Unit)
	paths := []string{s.o.Config}
	for _, f := range s.o.Folders {
		paths = append(paths, f.Path)
	}
	for _, p := range paths {
		switch {
		case p == "":
		case !filepath.IsAbs(p) || strings.ContainsAny(p, "\n\r\"\\"):
			return &PathError{p, ErrPathName}
		case !u.Sees(p) || !u.Sees(s.resolved(p)):
			return &PathError{p, ErrHidden}
		}
	}
	return nil
}

// resolved is where a path leads when links are followed; the path itself where that cannot be told.
func (s *systemd) resolved(path string) string {
	full, err := filepath.EvalSymlinks(s.path(path))
	if err != nil || !strings.HasPrefix(full, s.o.root) {
		return path
	}
	return strings.TrimPrefix(full, s.o.root)
}

// configFlag is what the command line of the service needs to find its configuration.
func (s *systemd) configFlag() string {
	if s.o.Config == "" || s.o.Config == configFile {
		return ""
	}
	return " --config " + argument(s.o.Config)
}

// plain are the letters of a word that a unit's command line takes as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9/._+,:@-]+$`)

// argument writes one word of ExecStart: quoted, and without a meaning for systemd (systemd.service(5), Command lines).
func argument(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return `"` + strings.NewReplacer("%", "%%", "$", "$$").Replace(word) + `"`
}

// planStart lets a package's unit start with a configuration elsewhere, or as the package says.
func (s *systemd) planStart(p *Plan) {
	switch {
	case s.configFlag() != "":
		p.Files = append(p.Files, File{Path: startFile, Mode: 0o644, Text: "# From --config, by receiptd service install.\n[Service]\nExecStart=\n" + packagedStart + s.configFlag() + "\n"})
	case s.exists(startFile):
		p.Remove = append(p.Remove, startFile)
	}
}

// remove takes away what an earlier Install wrote; nothing there is as good.
func (s *systemd) remove(file string) error {
	if err := os.Remove(s.path(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", file, err)
	}
	return nil
}

// planFiles puts beside the program what a package would bring.
func (s *systemd) planFiles(p *Plan) {
	exe := s.o.Executable
	if !strings.HasPrefix(exe, "/usr/") && !strings.HasPrefix(exe, "/opt/") { // the service may not read it there
		p.Files = append(p.Files, File{Path: program, Mode: 0o755, From: exe})
		exe = program
	}
	unit := strings.Replace(packaging.Unit, packagedStart, "ExecStart="+argument(exe)+" run --quiet"+s.configFlag(), 1)
	for _, f := range []File{{Path: sysusersFile, Text: packaging.Sysusers}, {Path: tmpfilesFile, Text: packaging.Tmpfiles}, {Path: udevFile, Text: packaging.Udev}, {Path: unitFile, Text: unit}} {
		f.Mode = 0o644
		p.Files = append(p.Files, f)
	}
	if s.o.Config == "" && !s.exists(configFile) {
		p.Files = append(p.Files, File{Path: configFile, Mode: 0o644, Text: packaging.Config})
	}
}

// makeUser makes the user that the folders will belong to; a package has made it already.
func (s *systemd) makeUser(ctx context.Context, p Plan) error {
	for _, f := range p.Files {
		if f.Path != sysusersFile {
			continue
		}
		if err := s.write(f.Path, f.Text); err != nil {
			return err
		}
		if _, err := s.o.run(ctx, "systemd-sysusers", s.path(sysusersFile)); err != nil {
			return fmt.Errorf("make the user receiptd: %w", err)
		}
	}
	return nil
}

// place writes the files of a plan and has the system read them.
func (s *systemd) place(ctx context.Context, p Plan) error {
	for _, f := range p.Files {
		if err := s.placeFile(f); err != nil {
			return err
		}
	}
	for _, f := range p.Remove {
		if err := s.remove(f); err != nil {
			return err
		}
	}
	if s.exists(packagedUnit) {
		return nil
	}
	if _, err := s.o.run(ctx, "systemd-tmpfiles", "--create", s.path(tmpfilesFile)); err != nil {
		return fmt.Errorf("make folders: %w", err)
	}
	if _, err := s.o.run(ctx, "udevadm", "control", "--reload"); err != nil {
		said := inwords.Error(err)
		s.o.Tell("udev 规则要重启后才生效："+said.Zh, "the udev rules count after the next start of the system: "+said.En)
	}
	return nil
}

func (s *systemd) placeFile(f File) error {
	if f.From == "" {
		return s.put(f.Path, strings.NewReader(f.Text), f.Mode)
	}
	in, err := os.Open(f.From)
	if err != nil {
		return fmt.Errorf("copy program: %w", err)
	}
	defer in.Close()
	if err := s.put(f.Path, in, f.Mode); err != nil {
		return fmt.Errorf("copy program: %w", err)
	}
	return nil
}

func (s *systemd) write(path, text string) error {
	return s.put(path, strings.NewReader(text), 0o644)
}

// put writes a file whole or not at all.
func (s *systemd) put(path string, from io.Reader, mode fs.FileMode) error {
	full := s.path(path)
	data, err := io.ReadAll(from)
	if err != nil {
		return fmt.Errorf("write %s: %w", full, err)
	}
	if old, err := os.ReadFile(full); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", full, err)
	}
	if err := wholefile.Write(full, data, mode); err != nil {
		return err
	}
	if err := os.Chmod(full, mode); err != nil { // whatever the umask
		return fmt.Errorf("write %s: %w", full, err)
	}
	s.o.Tell("已写入 "+full, "wrote "+full)
	return nil
}

// folderLines let the unit write folders that are not the usual ones; "" when there are none.
func (s *systemd) folderLines() string {
	var b strings.Builder
	var open []string
	for _, f := range s.o.Folders {
		if f.Writes && !slices.Contains(usualFolders, f.Path) && !within(f.Path, append(open, usualFolders...)) {
			fmt.Fprintf(&b, "ReadWritePaths=\"-%s\"\n", strings.ReplaceAll(f.Path, "%", "%%"))
			open = append(open, f.Path)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "# From the folders of the configuration, by receiptd service install.\n[Service]\n" + b.String()
}

func (s *systemd) uninstall(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.exists(packagedUnit) {
		return ErrPackaged
	}
	if !s.exists(unitFile) {
		return ErrNotInstalled
	}
	if _, err := s.o.run(ctx, "systemctl", "disable", "--now", Name); err != nil {
		return fmt.Errorf("uninstall: %w", err)
	}
	for _, f := range []string{foldersFile, startFile, unitFile, udevFile, tmpfilesFile, sysusersFile} {
		err := os.Remove(s.path(f))
		switch {
		case err == nil:
			s.o.Tell("已删除 "+f, "removed "+f)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("uninstall: %w", err)
		}
	}
	if _, err := s.o.run(ctx, "systemctl", "daemon-reload"); err != nil {
		return fmt.Errorf("uninstall: %w", err)
	}
	return nil
}

// purge lets the script that comes with the packages clear what receiptd left: there is one list of what that is. It reads the
// folders from the drop-ins, so it runs before those go.
func (s *systemd) purge(ctx context.Context) error {
	if err := s.ready(); err != nil {
		return err
	}
	if s.exists(packagedUnit) {
		return ErrPackaged
	}
	if s.exists(unitFile) {
		if _, err := s.o.run(ctx, "systemctl", "disable", "--now", Name); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
	}
	args := []string{"DPKG_ROOT=" + s.o.root, "sh", "-c", packaging.PostRemove, Name, "purge"}
	for _, f := range s.o.Folders {
		args = append(args, f.Path)
	}
	said, err := s.o.run(ctx, "env", args...)
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	if s.exists(unitFile) {
		if err := s.uninstall(ctx); err != nil {
			return err
		}
	}
	if err := s.remove(program); err != nil {
		return err
	}
	s.o.Tell(said, said)
	return nil
}

// control starts or stops; systemctl waits until that is done.
func (s *systemd) control(ctx context.Context, verb string) error {
	if err := s.ready(); err != nil {
		return err
	}
	if !s.exists(unitFile) && !s.exists(packagedUnit) {
		return ErrNotInstalled
	}
	if _, err := s.o.run(ctx, "systemctl", verb, Name); err != nil {
		return fmt.Errorf("%s: %w; see: journalctl -u %s -n 20", verb, err, Name)
	}
	return nil
}

func (s *systemd) status(ctx context.Context) Status {
	st := Status{Installed: s.exists(unitFile) || s.exists(packagedUnit)}
	if !s.exists(running) {
		st.Detail = "no systemd runs here"
		return st
	}
	st.Detail, _ = s.o.run(ctx, "systemctl", "is-active", Name) // it fails for a service that does not run, and says so
	st.Running = st.Detail == "active" || st.Detail == "reloading"
	enabled, _ := s.o.run(ctx, "systemctl", "is-enabled", Name)
	st.Enabled = enabled == "enabled"
	return st
}
