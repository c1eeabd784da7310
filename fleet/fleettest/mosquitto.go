package fleettest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/enroll"
)

// A Mosquitto is Debian's broker in a process of its own, with the configuration and the ACL that are shipped.
type Mosquitto struct {
	*Broker

	t    testing.TB
	bin  string
	file string
	cmd  *exec.Cmd
	done chan struct{}
	said said
	past int64 // what the processes before this one have read and written
}

// said is what the broker writes while the test reads.
type said struct {
	mu sync.Mutex   // guards b
	b  bytes.Buffer // guarded by mu
}

// Write appends.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String gives all of it.
func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// NewMosquitto runs the broker until the test ends, with what is in the folder packaging/fleet; a machine that lacks it skips the test, CI fails.
func NewMosquitto(t testing.TB, packaging string) *Mosquitto {
	t.Helper()
	bin, err := exec.LookPath("mosquitto")
	if err != nil {
		bin = "/usr/sbin/mosquitto"
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("mosquitto is not installed: apt-get install mosquitto")
		}
		t.Skip("mosquitto is not installed")
	}
	m := &Mosquitto{Broker: Elsewhere(t, ""), t: t, bin: bin, file: filepath.Join(t.TempDir(), "mosquitto.conf")}
	own := m.Issue(enroll.Member{Name: "broker", Hosts: []string{"127.0.0.1"}})
	conf, err := os.ReadFile(filepath.Join(packaging, "mosquitto.conf"))
	if err != nil {
		t.Fatal(err)
	}
	acl, err := filepath.Abs(filepath.Join(packaging, "mosquitto.acl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.Kill()
		if t.Failed() {
			t.Log(m.said.String())
		}
	})
	included := filepath.Join(t.TempDir(), "conf.d")
	whole := fmt.Sprintf("persistence false\npersistence_location %s/\nlog_dest stderr\ninclude_dir %s\n", t.TempDir(), included) // as Debian's own file, which includes ours
	if os.Geteuid() == 0 {
		whole += "user root\n" // it may read the test's folder
	}
	if err := errors.Join(os.Mkdir(included, 0o700), os.WriteFile(m.file, []byte(whole), 0o600)); err != nil {
		t.Fatal(err)
	}
	for tries := 1; ; tries++ { // another program may take the port before the broker does
		m.addr = FreeAddr(t)
		_, port, _ := net.SplitHostPort(m.addr)
		text := strings.NewReplacer("listener 8883", "listener "+port+" 127.0.0.1", "/etc/mosquitto/receiptd/crl.pem", filepath.Join(m.Dir, enroll.CRLFile), "/etc/mosquitto/receiptd/", own+"/",
			"/etc/mosquitto/conf.d/receiptd.acl", acl).Replace(string(conf))
		if err := os.WriteFile(filepath.Join(included, "receiptd.conf"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := m.run()
		if err == nil {
			return m
		} else if tries == 5 || !strings.Contains(m.said.String(), "Address already in use") {
			t.Fatal(err)
		}
	}
}

// Run starts the broker after a Kill, and waits until it listens.
func (m *Mosquitto) Run() {
	m.t.Helper()
	if err := m.run(); err != nil {
		m.t.Fatal(err)
	}
}

// run starts the broker and waits until it says that it runs, and listens.
func (m *Mosquitto) run() error {
	before := len(m.said.String())
	m.cmd = exec.CommandContext(context.Background(), m.bin, "-c", m.file)
	m.cmd.Stdout, m.cmd.Stderr = &m.said, &m.said
	if err := m.cmd.Start(); err != nil {
		return err
	}
	m.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { defer close(done); _ = cmd.Wait() }(m.cmd, m.done)
	for range 500 {
		if strings.Contains(m.said.String()[before:], " running") { // who answers at the address before then is another program
			if conn, err := new(net.Dialer).DialContext(m.t.Context(), "tcp", m.addr); err == nil {
				conn.Close()
				return nil
			}
		}
		select {
		case <-m.done:
			return fmt.Errorf("mosquitto ended: %s", m.said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return errors.New("mosquitto does not listen")
}

// Reload has the broker read its files again, as `systemctl reload` does, and waits until it has.
func (m *Mosquitto) Reload() {
	m.t.Helper()
	before := len(m.said.String())
	if err := m.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		m.t.Fatal(err)
	}
	for range 500 {
		if strings.Contains(m.said.String()[before:], "Reloading config") { // it does so before it takes the next connection
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	m.t.Fatal("mosquitto does not read its files again")
}

// Kill is kill -9: whatever it had acknowledged is gone.
func (m *Mosquitto) Kill() {
	if m.cmd != nil && m.cmd.Process != nil {
		m.past = m.Traffic()
		_ = m.cmd.Process.Kill()
		<-m.done
	}
}

// Traffic is how many bytes the broker has read and written since it first ran, where the system tells (Linux); it writes nothing but to its clients.
func (m *Mosquitto) Traffic() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", m.cmd.Process.Pid))
	if err != nil { // it has ended
		return m.past
	}
	sum := m.past
	for line := range strings.Lines(string(data)) {
		var n int64
		if _, err := fmt.Sscanf(line, "rchar: %d", &n); err == nil {
			sum += n
		}
		if _, err := fmt.Sscanf(line, "wchar: %d", &n); err == nil {
			sum += n
		}
	}
	return sum
}
