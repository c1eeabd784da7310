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
	"strings"

	"github.com/receiptd/receiptd/packaging"
)

// The places of an installation without a package (file-hierarchy(7), systemd.unit(5)).
const (
	unitFile     = "/etc/systemd/system/receiptd.service"
	foldersFile  = "/etc/systemd/system/receiptd.service.d/50-folders.conf"
	sysusersFile = "/etc/sysusers.d/receiptd.conf"
	tmpfilesFile = "/etc/tmpfiles.d/receiptd.conf"
	udevFile     = "/etc/udev/rules.d/70-receiptd.rules"
	configFile   = "/etc/receiptd/receiptd.toml"
	program      = "/usr/local/bin/receiptd"
	packagedUnit = "/usr/lib/systemd/system/receiptd.service"
	running      = "/run/systemd/system" // there when systemd runs, sd_booted(3)
)

// usualFolders are those that the unit may write anyway.
var usualFolders = []string{"/var/lib/receiptd", "/var/spool/receiptd"}

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
	packaged := s.exists(packagedUnit)
	if !packaged {
		if err := s.writeFiles(ctx); err != nil {
			return err
		}
	}
	if err := s.writeFolders(); err != nil {
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

// writeFiles puts beside the program what a package would bring.
func (s *systemd) writeFiles(ctx context.Context) error {
	exe, err := s.placeProgram()
	if err != nil {
		return err
	}
	line := "ExecStart=" + exe + " run --quiet"
	if s.o.Config != "" && s.o.Config != configFile {
		line += " --config " + s.o.Config
	}
	unit := strings.Replace(packaging.Unit, "ExecStart=/usr/bin/receiptd run --quiet", line, 1)
	for _, f := range []struct{ path, text string }{{sysusersFile, packaging.Sysusers}, {tmpfilesFile, packaging.Tmpfiles},
		{udevFile, packaging.Udev}, {unitFile, unit}} {
		if err := s.write(f.path, f.text); err != nil {
			return err
		}
	}
	if s.o.Config == "" && !s.exists(configFile) {
		if err := s.write(configFile, packaging.Config); err != nil {
			return err
		}
	}
	if _, err := s.o.run(ctx, "systemd-sysusers", s.path(sysusersFile)); err != nil {
		return fmt.Errorf("make the user receiptd: %w", err)
	}
	if _, err := s.o.run(ctx, "systemd-tmpfiles", "--create", s.path(tmpfilesFile)); err != nil {
		return fmt.Errorf("make folders: %w", err)
	}
	if _, err := s.o.run(ctx, "udevadm", "control", "--reload"); err != nil {
		s.o.Tell("udev 规则要重启后才生效："+err.Error(), "the udev rules count after the next start of the system: "+err.Error())
	}
	return nil
}

// placeProgram copies the program to where the service may read it, unless it lies among the system's programs already.
func (s *systemd) placeProgram() (string, error) {
	exe := s.o.Executable
	if strings.HasPrefix(exe, "/usr/") || strings.HasPrefix(exe, "/opt/") {
		return exe, nil
	}
	in, err := os.Open(exe)
	if err != nil {
		return "", fmt.Errorf("copy program: %w", err)
	}
	defer in.Close()
	if err := s.put(program, in, 0o755); err != nil {
		return "", fmt.Errorf("copy program: %w", err)
	}
	return program, nil
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
	tmp := full + ".new"
	if err := os.WriteFile(tmp, data, mode); err != nil {
		return fmt.Errorf("write %s: %w", full, err)
	}
	if err := errors.Join(os.Chmod(tmp, mode), os.Rename(tmp, full)); err != nil {
		return fmt.Errorf("write %s: %w", full, err)
	}
	s.o.Tell("已写入 "+full, "wrote "+full)
	return nil
}

// writeFolders lets the unit write folders that are not the usual ones.
func (s *systemd) writeFolders() error {
	var b strings.Builder
	for _, f := range s.o.Folders {
		if !filepath.IsAbs(f) || strings.ContainsAny(f, "\n\"%") {
			return fmt.Errorf("the service cannot be let write the folder %q: name it from the root, without quotes and percent signs", f)
		}
		usual := false
		for _, u := range usualFolders {
			usual = usual || f == u
		}
		if !usual {
			fmt.Fprintf(&b, "ReadWritePaths=\"-%s\"\n", f)
		}
	}
	if b.Len() == 0 {
		if err := os.Remove(s.path(foldersFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", foldersFile, err)
		}
		return nil
	}
	return s.write(foldersFile, "# From spool.dir and data.dir of the configuration, by receiptd service install.\n[Service]\n"+b.String())
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
	for _, f := range []string{foldersFile, unitFile, udevFile, tmpfilesFile, sysusersFile} {
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
