package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	kservice "github.com/kardianos/service"

	"github.com/receiptd/receiptd/internal/wholefile"
)

// control is what the system's service manager does for us.
type control interface {
	Install() error
	Uninstall() error
	Start() error
	Stop() error
	Status() (kservice.Status, error)
}

// native is a service on a system other than Linux.
type native struct {
	o       Options
	control control
}

func newNative(o Options) (*native, error) {
	o.fill()
	if o.Config == "" {
		o.Config = usualConfig(o.root)
	}
	n := &native{o: o, control: o.control}
	if n.control != nil {
		return n, nil
	}
	s, err := kservice.New(&runner{}, n.settings())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoManager, err)
	}
	n.control = s
	return n, nil
}

// settings describe the service to the system. A service that dies is started again after two seconds.
func (n *native) settings() *kservice.Config {
	return &kservice.Config{Name: Name, DisplayName: "receiptd", Description: "Prints payment slips with proof, and reprints them until settlement",
		Executable: n.o.Executable, Arguments: []string{"run", "--quiet", "--config", n.o.Config},
		Option: kservice.KeyValue{"OnFailure": "restart", "OnFailureDelayDuration": restartPause.String(), "OnFailureResetPeriod": 60}}
}

// usualConfig is where the configuration lies when nothing else is said: ProgramData on Windows.
func usualConfig(root string) string {
	if runtime.GOOS != "windows" && root == "" {
		return configFile
	}
	return filepath.Join(dataRoot(root), "receiptd.toml")
}

func dataRoot(root string) string {
	if root == "" {
		root = os.Getenv("ProgramData")
	}
	return filepath.Join(root, "receiptd")
}

func (n *native) install(ctx context.Context) error {
	if !n.o.isRoot() {
		return ErrNeedRoot
	}
	if runtime.GOOS == "windows" || n.o.root != "" {
		if err := n.programData(ctx); err != nil {
			return err
		}
	}
	if st, err := n.control.Status(); err == nil && st != kservice.StatusUnknown {
		n.o.Tell("服务早已安装", "the service was installed before")
		return n.keepUp()
	}
	if err := n.control.Install(); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if err := n.keepUp(); err != nil {
		return err
	}
	n.o.Tell("服务已安装，开机自动启动", "installed; starts with the system from now on")
	return nil
}

// restartPause is how long the system waits before it starts a service again that ended by itself.
const restartPause = 2 * time.Second

// keepUp has the system start the service again however it ended. What the library asks for counts only for a process that
// vanishes: an end with an error, told to the manager as it should be, would be for good.
func (n *native) keepUp() error {
	if err := n.o.keepUp(); err != nil {
		return fmt.Errorf("have the system start receiptd again after a fault: %w", err)
	}
	return nil
}

// programData makes the folders and says who may use them: the journal is for the system and administrators, the drop folder
// for every user of this machine. The names are well-known SIDs (S-1-5-18 system, S-1-5-32-544 administrators, S-1-5-32-545
// users), which do not depend on the language of Windows.
func (n *native) programData(ctx context.Context) error {
	const closed = "*S-1-5-18:(OI)(CI)F"
	const admins = "*S-1-5-32-544:(OI)(CI)F"
	root := dataRoot(n.o.root)
	for _, f := range []struct {
		name  string
		users string // what users of this machine may do
	}{{"", "*S-1-5-32-545:(OI)(CI)RX"}, {"data", ""}, {"log", ""}, {"spool", "*S-1-5-32-545:(OI)(CI)M"}, {"templates", "*S-1-5-32-545:(OI)(CI)RX"}} {
		dir := filepath.Join(root, f.name)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		args := []string{dir, "/inheritance:r", "/grant:r", closed, "/grant:r", admins}
		if f.users != "" {
			args = append(args, "/grant:r", f.users)
		}
		if _, err := n.o.run(ctx, "icacls", args...); err != nil {
			return fmt.Errorf("protect folder: %w", err)
		}
	}
	if _, err := os.Stat(n.o.Config); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	text := fmt.Sprintf("# receiptd: configuration. Every key: https://github.com/receiptd/receiptd/blob/main/examples/receiptd.toml\n"+
		"[spool]\ndir = '%s'\n\n[data]\ndir = '%s'\n\n[templates]\ndir = '%s'\n\n[log]\nfile = '%s'\n\n#[[printer]]\n#name = \"front\"\n#device = \"tcp://192.168.1.100:9100\"\n",
		filepath.Join(root, "spool"), filepath.Join(root, "data"), filepath.Join(root, "templates"), filepath.Join(root, "log", "receiptd.log"))
	if err := wholefile.Write(n.o.Config, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	n.o.Tell("已写入 "+n.o.Config, "wrote "+n.o.Config)
	return nil
}

func (n *native) uninstall() error {
	if !n.o.isRoot() {
		return ErrNeedRoot
	}
	if st, err := n.control.Status(); err == nil && st == kservice.StatusRunning {
		if err := n.control.Stop(); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
	}
	return named("uninstall", n.control.Uninstall())
}

func (n *native) start() error {
	if !n.o.isRoot() {
		return ErrNeedRoot
	}
	return named("start", n.control.Start())
}

func (n *native) stop() error {
	if !n.o.isRoot() {
		return ErrNeedRoot
	}
	return named("stop", n.control.Stop())
}

func (n *native) status() (Status, error) {
	st, err := n.control.Status()
	if errors.Is(err, kservice.ErrNotInstalled) {
		return Status{Detail: "not installed"}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("ask the service manager: %w", err)
	}
	detail := map[kservice.Status]string{kservice.StatusRunning: "running", kservice.StatusStopped: "stopped"}[st]
	return Status{Installed: true, Enabled: true, Running: st == kservice.StatusRunning, Detail: detail}, nil
}

// named names the act that failed.
func named(act string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kservice.ErrNotInstalled):
		return ErrNotInstalled
	}
	return fmt.Errorf("%s: %w", act, err)
}
