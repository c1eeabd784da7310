// Command guest is the first process of a guest and, as a child of it, the agent that serves the host. With lab.root=DEVICE on the
// kernel's command line it hands over to that disk's own init, and the agent is a service there.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/yamux"
	"golang.org/x/sys/unix"

	"github.com/receiptd/receiptd/tools/lab/wire"
)

func main() {
	var err error
	if os.Getpid() == 1 {
		err = boot()
	} else {
		err = agent()
	}
	say("%v", err)
	os.Exit(1)
}

// say writes into the kernel's log, which the host reads on the console.
func say(format string, args ...any) {
	if f, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0); err == nil {
		fmt.Fprintf(f, "<4>lab: "+format+"\n", args...)
		f.Close()
	}
}

func mount(source, dir, kind string) {
	_ = os.MkdirAll(dir, 0o755) // the mount says what is wrong
	if err := syscall.Mount(source, dir, kind, 0, ""); err != nil {
		say("mount %s: %v", dir, err)
	}
}

// boot prepares a small system in memory and reaps what is left behind; it returns only when it failed.
func boot() error {
	for dir, kind := range map[string]string{"/dev": "devtmpfs", "/proc": "proc", "/sys": "sysfs", "/tmp": "tmpfs", "/run": "tmpfs"} {
		mount(kind, dir, kind)
	}
	mount("devpts", "/dev/pts", "devpts")
	os.Setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin")
	os.Setenv("HOME", "/root")
	words := map[string]string{}
	line, _ := os.ReadFile("/proc/cmdline")
	for _, w := range strings.Fields(string(line)) {
		if k, v, ok := strings.Cut(w, "="); ok {
			words[k] = v
		}
	}
	modules := strings.Fields("virtio_pci virtio_console virtio_rng virtio_blk crc32c_generic ext4 " + strings.ReplaceAll(words["lab.modules"], ",", " "))
	shell("modprobe -a " + strings.Join(modules, " ") + "; ip link set lo up")
	if root := words["lab.root"]; root != "" {
		return handOver(root)
	}
	a := &exec.Cmd{Path: "/init", Args: []string{"agent"}}
	if err := a.Start(); err != nil {
		return err
	}
	for {
		pid, err := syscall.Wait4(-1, nil, 0, nil)
		if pid == a.Process.Pid || errors.Is(err, syscall.ECHILD) {
			return errors.New("the agent ended")
		}
	}
}

func shell(script string) {
	if out, err := exec.Command("/bin/sh", "-c", script).CombinedOutput(); err != nil {
		say("%s: %v: %s", script, err, out)
	}
}

// service is the agent as a unit of the system on the disk.
const service = `[Unit]
Description=the lab's agent
DefaultDependencies=no
After=systemd-remount-fs.service
[Service]
ExecStart=/run/lab/agent
OOMScoreAdjust=-1000
TasksMax=infinity
`

// handOver makes the disk the root and runs its init; the agent comes along in /run, which systemd leaves as it finds it.
func handOver(device string) error {
	const root = "/root"
	for range 1000 {
		if _, err := os.Stat(device); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	mount(device, root, "ext4")
	mount("tmpfs", root+"/run", "tmpfs")
	self, err := os.ReadFile("/init")
	if err != nil {
		return err
	}
	units := root + "/run/systemd/system"
	for _, dir := range []string{root + "/run/lab", units + "/sysinit.target.wants"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	err = errors.Join(os.WriteFile(root+"/run/lab/agent", self, 0o755), os.WriteFile(units+"/lab-agent.service", []byte(service), 0o644),
		os.Symlink("../lab-agent.service", units+"/sysinit.target.wants/lab-agent.service"))
	for _, dir := range []string{"/dev", "/proc", "/sys"} {
		err = errors.Join(err, syscall.Mount(dir, root+dir, "", syscall.MS_MOVE, ""))
	}
	if err = errors.Join(err, os.Chdir(root), syscall.Mount(".", "/", "", syscall.MS_MOVE, ""), syscall.Chroot("."), os.Chdir("/")); err != nil {
		return err
	}
	return syscall.Exec("/sbin/init", []string{"/sbin/init"}, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TERM=dumb"})
}

// port waits for the virtio-serial port.
func port() (*os.File, error) {
	for range 6000 {
		names, _ := filepath.Glob("/sys/class/virtio-ports/*/name")
		for _, name := range names {
			if b, _ := os.ReadFile(name); strings.TrimSpace(string(b)) != wire.Port {
				continue
			}
			fd, err := syscall.Open("/dev/"+filepath.Base(filepath.Dir(name)), syscall.O_RDWR|syscall.O_CLOEXEC, 0)
			if err == nil {
				return os.NewFile(uintptr(fd), wire.Port), nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, errors.New("there is no port " + wire.Port)
}

func agent() error {
	f, err := port()
	if err != nil {
		return err
	}
	session, err := yamux.Server(f, wire.Config())
	if err != nil {
		return err
	}
	for {
		c, err := session.AcceptStream()
		if err != nil {
			return err
		}
		go serve(c)
	}
}

// A stream of which the first line was read through a buffer.
type stream struct {
	*yamux.Stream
	in *bufio.Reader
}

func (s *stream) Read(p []byte) (int, error) { return s.in.Read(p) }

func serve(c *yamux.Stream) {
	defer c.Close()
	s := &stream{c, bufio.NewReader(c)}
	line, err := s.in.ReadBytes('\n')
	var r wire.Request
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		say("request: %v", err)
		return
	}
	switch r.Do {
	case wire.Run:
		code := run(s, r.Text)
		fmt.Fprintf(s, "\n%s%d\n", wire.ExitMark, code)
	case wire.Put:
		err := put(s, r)
		fmt.Fprintf(s, "%v\n", err)
	case wire.Dial:
		if d, err := dial(r.From, r.Text); err == nil { // else the end of the stream says that nobody listens
			join(s, d)
		}
	case wire.USB:
		err = plug(s)
	}
	if err != nil {
		say("%s: %v", r.Do, err)
	}
}

// dial connects, from a network namespace of /run/netns unless it is "".
func dial(from, addr string) (net.Conn, error) {
	if from == "" {
		return net.Dial("tcp", addr)
	}
	f, err := os.Open("/run/netns/" + from)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	type answer struct {
		conn net.Conn
		err  error
	}
	c := make(chan answer)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with its namespace
		if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			c <- answer{nil, err}
			return
		}
		conn, err := net.Dial("tcp", addr)
		c <- answer{conn, err}
	}()
	a := <-c
	return a.conn, a.err
}

func run(s *stream, script string) int {
	cmd := exec.Command("/bin/sh", "-c", script)
	if _, err := os.Stat("/bin/bash"); err == nil {
		cmd = exec.Command("/bin/bash", "-c", script)
	}
	cmd.Env = append(os.Environ(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "RECEIPTD_LANG=en")
	cmd.Stdout, cmd.Stderr = s, s
	cmd.WaitDelay = time.Second // what it leaves running may keep the pipe open
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			fmt.Fprintln(s, err)
			return 127
		}
		return ended.ExitCode()
	}
	return 0
}

func put(s *stream, r wire.Request) error {
	f, err := os.OpenFile(r.Text, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, os.FileMode(r.Mode))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, s)
	return errors.Join(err, f.Close())
}

// join passes bytes both ways until both sides have ended.
func join(a io.ReadWriteCloser, b net.Conn) {
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(b, a) // an end is an end
		if half, ok := b.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	})
	_, _ = io.Copy(a, b)
	_ = a.Close()
	_ = b.Close()
	both.Wait()
}
