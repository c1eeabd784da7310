package doctor_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/receiptd/receiptd/internal/doctor"
)

// TestPipeRights: a pipe that the software's group cannot write to, or that others may use, is told of.
func TestPipeRights(t *testing.T) {
	t.Parallel()
	c := newClinic(t, "")
	path := filepath.Join(c.dir, "till")
	capture := func(group string) {
		c.configure("[http]\nlisten=[]\n[[printer]]\nname=\"front\"\ndevice=\"usb:///dev/usb/lp0\"\n[[capture]]\nname=\"till\"\nprinter=\"front\"\nlisten=\"fifo://" + path + "\"\n" + group)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	capture("")
	c.live("ready")
	for _, mode := range []uint32{0o600, 0o622, 0o640} {
		if err := syscall.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		c.expect("capture", doctor.Problem, "restart receiptd, which sets them; where it does not, run: sudo chmod 0620 "+path)
	}
	if err := syscall.Chmod(path, 0o620); err != nil {
		t.Fatal(err)
	}
	c.expect("capture", doctor.Good, "")
	capture("group=\"nobody-is-in-it\"\n")
	c.expect("capture", doctor.Problem, "sudo chgrp nobody-is-in-it "+path+" && sudo chmod 0620 "+path)
}

// TestSecretsAreClosed: a PIN's file that others may read is told of, with what closes it; one that is closed is not.
func TestSecretsAreClosed(t *testing.T) {
	t.Parallel()
	c := newClinic(t, "")
	file := filepath.Join(c.dir, "data", "supervisor-pin")
	c.write("data/supervisor-pin", "x")
	for mode, open := range map[uint32]bool{0o600: false, 0o640: false, 0o604: true, 0o666: true} {
		if err := syscall.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		told := false
		for _, f := range doctor.Run(t.Context(), c.o) {
			told = told || f.Subject == file && f.Level == doctor.Warning && strings.HasSuffix(f.Fix.En, "chmod 600 "+file)
		}
		if told != open {
			t.Errorf("%o: told %v", mode, told)
		}
	}
}
