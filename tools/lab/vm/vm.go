// Package vm boots a throw-away Linux guest in QEMU and works in it. Nothing listens on a network: all channels are sockets and
// pseudo terminals that QEMU inherits.
package vm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/receiptd/receiptd/tools/lab/disk"
	"github.com/receiptd/receiptd/tools/lab/usbip"
	"github.com/receiptd/receiptd/tools/lab/wire"
)

// Dir holds what tools/lab/run made: kernel, initrd, the shim; "" outside of the lab.
func Dir() string { return os.Getenv("LAB_DIR") }

// Patience is how many times as long as on a quiet machine things may take: LAB_PATIENCE, or 1.
func Patience() int {
	n, err := strconv.Atoi(os.Getenv("LAB_PATIENCE"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// Config describes a guest. The zero value has no disk.
type Config struct {
	Memory  int        // MiB; 0: 512
	Modules []string   // of the kernel, loaded before the agent answers
	Disk    *disk.Disk // /dev/vda, with a volatile cache
	Root    string     // an image with a system of its own on /dev/vda; what is written to it is forgotten
	Serials int        // 16550 ports ttyS1 and so on, with modem lines; QEMU has 3 beside the console
	Wait    time.Duration
}

// A VM is a running guest. Its methods may be called from any goroutine.
type VM struct {
	qemu    *exec.Cmd
	ended   chan struct{}
	session *yamux.Session
	dir     string
	serials []*Serial
	console log
}

// log collects what several goroutines write.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// line is a command line of QEMU under construction.
type line struct {
	args  []string
	files []*os.File
}

func (l *line) add(args ...string) { l.args = append(l.args, args...) }

// socket gives QEMU one end of a socket pair and returns the other, and the descriptor's number in QEMU.
func (l *line) socket() (net.Conn, int, error) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, 0, err
	}
	l.files = append(l.files, os.NewFile(uintptr(ends[1]), "guest"))
	mine := os.NewFile(uintptr(ends[0]), "host")
	defer mine.Close()
	c, err := net.FileConn(mine)
	return c, 2 + len(l.files), err
}

// Boot starts a guest and waits for its agent. An emulator on a busy machine sometimes stands still before the kernel's first word;
// then it is started once more.
func Boot(c Config) (*VM, error) {
	v, err := once(c)
	if errors.Is(err, errSilent) {
		v, err = once(c)
	}
	return v, err
}

var errSilent = errors.New("the guest said nothing at all")

func once(c Config) (*VM, error) {
	dir, err := os.MkdirTemp("", "lab")
	if err != nil {
		return nil, err
	}
	v := &VM{dir: dir, ended: make(chan struct{})}
	var l line
	defer func() {
		for _, f := range l.files {
			f.Close()
		}
	}()
	agent, err := v.describe(&l, c)
	if err != nil {
		close(v.ended)
		v.Kill()
		return nil, err
	}
	if err := v.start(&l, c); err != nil {
		close(v.ended)
		v.Kill()
		return nil, err
	}
	if v.session, err = yamux.Client(agent, wire.Config()); err == nil {
		err = v.greet(max(c.Wait, 3*time.Minute) * time.Duration(Patience()))
	}
	if err != nil {
		v.Kill()
		if v.Console() == "" {
			err = errors.Join(err, errSilent)
		}
		return nil, fmt.Errorf("%w\nconsole:\n%s", err, v.Console())
	}
	return v, nil
}

// describe writes the command line and returns the host's end of the agent's port.
func (v *VM) describe(l *line, c Config) (net.Conn, error) {
	words := "console=ttyS0 quiet panic=-1 nokaslr mitigations=off random.trust_cpu=on tsc=reliable no_timer_check 8250.nr_uarts=" + strconv.Itoa(1+c.Serials) +
		" lab.modules=" + strings.Join(c.Modules, ",")
	if c.Root != "" {
		words += " lab.root=/dev/vda"
	}
	l.add("-machine", "q35", "-accel", accel(), "-cpu", "max", "-m", strconv.Itoa(max(c.Memory, 512)), "-smp", "2",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-kernel", filepath.Join(Dir(), "vmlinux"), "-initrd", filepath.Join(Dir(), "initrd"), "-append", words,
		"-device", "virtio-serial-pci", "-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng")
	console, fd, err := l.socket()
	if err != nil {
		return nil, err
	}
	go io.Copy(&v.console, console)
	l.add("-chardev", fmt.Sprintf("socket,id=console,fd=%d", fd), "-device", "isa-serial,chardev=console,index=0")
	agent, fd, err := l.socket()
	if err != nil {
		return nil, err
	}
	l.add("-chardev", fmt.Sprintf("socket,id=agent,fd=%d", fd), "-device", "virtserialport,chardev=agent,name="+wire.Port)
	for i := range c.Serials {
		s, err := newSerial(v.dir)
		if err != nil {
			return nil, err
		}
		v.serials = append(v.serials, s)
		l.add("-chardev", fmt.Sprintf("serial,id=line%d,path=%s", i, s.slave.Name()), "-device", fmt.Sprintf("isa-serial,chardev=line%d,index=%d", i, i+1))
	}
	if c.Root != "" {
		l.add("-drive", "file="+c.Root+",format=raw,if=none,id=root,snapshot=on,cache=unsafe", "-device", "virtio-blk-pci,drive=root")
	}
	if c.Disk != nil {
		server, fd, err := l.socket()
		if err != nil {
			return nil, err
		}
		go c.Disk.Serve(server)
		l.add("-blockdev", fmt.Sprintf("driver=nbd,node-name=disk,server.type=fd,server.str=%d", fd), "-device", "virtio-blk-pci,drive=disk")
	}
	return agent, nil
}

// accel is the emulator; LAB_ACCEL=kvm for machines that have it.
func accel() string {
	if a := os.Getenv("LAB_ACCEL"); a != "" {
		return a
	}
	return "tcg,thread=multi,tb-size=256"
}

// start runs QEMU so that it ends with this process, whatever becomes of it.
func (v *VM) start(l *line, c Config) error {
	v.qemu = exec.Command("nice", append([]string{"-n", "10", "qemu-system-x86_64"}, l.args...)...)
	v.qemu.ExtraFiles = l.files
	v.qemu.Stdout, v.qemu.Stderr = &v.console, &v.console
	v.qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if c.Serials > 0 {
		v.qemu.Env = append(os.Environ(), "MODEMLINES="+v.dir, "LD_PRELOAD="+filepath.Join(Dir(), "modemlines.so"))
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that started it
		err := v.qemu.Start()
		started <- err
		if err == nil {
			_ = v.qemu.Wait() // it is killed
			close(v.ended)
		}
	}()
	return <-started
}

func (v *VM) greet(most time.Duration) error {
	hello := make(chan error, 1)
	go func() {
		_, err := v.Sh("true")
		hello <- err
	}()
	select {
	case err := <-hello:
		return err
	case <-v.ended:
		return errors.New("QEMU ended")
	case <-time.After(most):
		return fmt.Errorf("the guest's agent did not answer within %v", most)
	}
}

// Kill is a power cut.
func (v *VM) Kill() {
	if v.qemu != nil && v.qemu.Process != nil {
		_ = v.qemu.Process.Kill() // it may have ended
	}
	<-v.ended
	if v.session != nil {
		_ = v.session.Close()
	}
	for _, s := range v.serials {
		s.close()
	}
	_ = os.RemoveAll(v.dir)
}

// Console is what the kernel and QEMU said.
func (v *VM) Console() string { return v.console.String() }

func (v *VM) open(r wire.Request) (*yamux.Stream, error) {
	s, err := v.session.OpenStream()
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(r)
	if err == nil {
		_, err = s.Write(append(b, '\n'))
	}
	return s, err
}

// An ExitError is a script that ended with another code than 0.
type ExitError struct {
	Code int
	Out  string
}

func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d: %s", e.Code, e.Out) }

// Sh runs a script as root and returns what it said.
func (v *VM) Sh(script string) (string, error) {
	var out bytes.Buffer
	err := v.Run(&out, script)
	return strings.TrimSpace(out.String()), err
}

// Run runs a script as root and writes what it says, line by line.
func (v *VM) Run(w io.Writer, script string) error {
	s, err := v.open(wire.Request{Do: wire.Run, Text: script})
	if err != nil {
		return err
	}
	defer s.Close()
	last := ""
	for in := bufio.NewReader(s); ; {
		text, err := in.ReadString('\n')
		if code, ok := strings.CutPrefix(text, wire.ExitMark); ok {
			n, err := strconv.Atoi(strings.TrimSpace(code))
			if err == nil && n != 0 {
				err = &ExitError{n, last}
			}
			return err
		}
		if strings.TrimSpace(text) != "" {
			last = text
		}
		if _, werr := io.WriteString(w, text); err != nil || werr != nil {
			return fmt.Errorf("the guest is gone: %w", errors.Join(err, werr))
		}
	}
}

// Put writes a file of the guest.
func (v *VM) Put(name string, data []byte, mode uint32) error {
	s, err := v.open(wire.Request{Do: wire.Put, Text: name, Mode: mode})
	if err != nil {
		return err
	}
	if _, err = s.Write(data); err == nil {
		err = s.Close()
	}
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(s)
	if text := strings.TrimSpace(string(answer)); err == nil && text != "<nil>" {
		err = errors.New(text)
	}
	return err
}

// HTTP is a client for servers inside the guest.
func (v *VM) HTTP() *http.Client {
	return &http.Client{Timeout: time.Minute * time.Duration(Patience()), Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) { return v.Dial("", addr) }}}
}

// Dial connects to a server inside the guest, from one of the guest's network namespaces; "": from where its servers are.
func (v *VM) Dial(from, addr string) (net.Conn, error) {
	return v.open(wire.Request{Do: wire.Dial, Text: addr, From: from})
}

// Plug plugs in a USB device that lives in this process, so that it outlives the guest. The module vhci-hcd is needed.
// unplug returns when the kernel has let go of it.
func (v *VM) Plug(d usbip.Device) (unplug func(), err error) {
	s, err := v.open(wire.Request{Do: wire.USB})
	if err != nil {
		return nil, err
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = usbip.Serve(s, d) // it ends with the stream
	}()
	return func() {
		_ = s.Close()
		<-served
	}, nil
}
