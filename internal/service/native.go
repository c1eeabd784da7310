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

	inwords "github.com/receiptd/receiptd/internal/plain"
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
	if err := n.o.onPath(filepath.Dir(n.o.Executable), true); err != nil {
		said := inwords.Error(err)
		n.o.Tell("命令行里要写全路径："+n.o.Executable+"（"+said.Zh+"）", "command lines need the whole path: "+n.o.Executable+" ("+said.En+")")
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
	err := n.o.keepUp()
	if errors.Is(err, errors.ErrUnsupported) {
		said := inwords.Error(err)
		n.o.Tell("这个系统不会在出错后自动重新启动 receiptd："+said.Zh, "this system does not start receiptd again after a fault: "+said.En)
		return nil
	}
	if err != nil {
		return fmt.Errorf("have the system start receiptd again after a fault: %w", err)
	}
	return nil
}

// The well-known SIDs of Windows that get rights here; they do not depend on its language.
const (
	sidSystem = "*S-1-5-18"
	sidAdmins = "*S-1-5-32-544"
	sidUsers  = "*S-1-5-32-545"
)

// A closedFolder is one whose rights are set when it is made: the system and administrators may do everything there.
type closedFolder struct {
	path  string
	users string // what users of this machine may do, in icacls' letters; "" for nothing
}

// folders are those below ProgramData: the journal is for the system and administrators, the drop folder for every user of this
// machine. Beside them those that the configuration names elsewhere.
func (n *native) folders() []closedFolder {
	root := dataRoot(n.o.root)
	list := []closedFolder{{root, "RX"}, {filepath.Join(root, "data"), ""}, {filepath.Join(root, "log"), ""}, {filepath.Join(root, "spool"), "M"},
		{filepath.Join(root, "templates"), "RX"}}
	for _, f := range n.o.Folders {
		if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) || within(filepath.ToSlash(f.Path), []string{filepath.ToSlash(root)}) {
			continue // the shop's own, with the rights that the shop gave it
		}
		c := closedFolder{path: f.Path}
		if f.Mode&0o005 != 0 {
			c.users = "RX"
		}
		if f.Mode&fs.ModeSetgid != 0 {
			c.users = "M"
		}
		list = append(list, c)
	}
	return list
}

// rights are icacls' arguments for a folder.
func (f closedFolder) rights() []string {
	args := []string{f.path, "/inheritance:r", "/grant:r", sidSystem + ":(OI)(CI)F", "/grant:r", sidAdmins + ":(OI)(CI)F"}
	if f.users != "" {
		args = append(args, "/grant:r", sidUsers+":(OI)(CI)"+f.users)
	}
	return args
}

// firstConfig is the configuration of a new installation: no printer yet.
func (n *native) firstConfig() string {
	root := dataRoot(n.o.root)
	return fmt.Sprintf("# receiptd: configuration. Every key: https://github.com/receiptd/receiptd/blob/main/examples/receiptd.toml\n"+
		"[spool]\ndir = '%s'\n\n[data]\ndir = '%s'\n\n[templates]\ndir = '%s'\n\n[log]\nfile = '%s'\n\n#[[printer]]\n#name = \"front\"\n#device = \"tcp://192.168.1.100:9100\"\n",
		filepath.Join(root, "spool"), filepath.Join(root, "data"), filepath.Join(root, "templates"), filepath.Join(root, "log", "receiptd.log"))
}

// plan is what install would do.
func (n *native) plan() Plan {
	var p Plan
	for _, f := range n.folders() {
		_, err := os.Stat(f.path)
		p.Folders = append(p.Folders, Folder{Path: f.path, Owner: "SYSTEM", Writes: f.users != "RX", There: err == nil})
		p.Commands = append(p.Commands, append([]string{"icacls"}, f.rights()...))
	}
	if _, err := os.Stat(n.o.Config); errors.Is(err, fs.ErrNotExist) {
		p.Files = append(p.Files, File{Path: n.o.Config, Mode: 0o644, Text: n.firstConfig()})
	}
	s := n.settings()
	p.Commands = append(p.Commands, append([]string{"(service manager)", s.Name, s.Executable}, s.Arguments...))
	return p
}

// programData makes the folders, says who may use them, and writes the first configuration.
func (n *native) programData(ctx context.Context) error {
	for _, f := range n.folders() {
		if err := os.MkdirAll(f.path, 0o750); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		if _, err := n.o.run(ctx, "icacls", f.rights()...); err != nil {
			return fmt.Errorf("protect folder: %w", err)
		}
	}
	if _, err := os.Stat(n.o.Config); !errors.Is(err, fs.ErrNotExist) {
		n.o.Tell("配置不变："+n.o.Config, "left as it is: "+n.o.Config)
		return nil
	}
	if err := wholefile.Write(n.o.Config, []byte(n.firstConfig()), 0o644); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	n.o.Tell("已写入 "+n.o.Config, "wrote "+n.o.Config)
	return nil
}

// ownFiles are what receiptd makes beside its journal and a new installation makes anew.
var ownFiles = []string{"ballast", "lock", "token", "page-key", "name-key", "tiers.json", "supervisor-pin", "devices.json", "lan-ca.pem", "lan-leaf.pem"}

// purge removes the service and receiptd's own files, and keeps the journal and what lies in the drop folder.
func (n *native) purge() error {
	if err := n.uninstall(); err != nil && !errors.Is(err, ErrNotInstalled) {
		return err
	}
	if runtime.GOOS != "windows" && n.o.root == "" {
		return nil
	}
	root := dataRoot(n.o.root)
	data := []string{filepath.Join(root, "data")}
	for _, f := range n.o.Folders {
		data = append(data, f.Path)
	}
	for _, dir := range data {
		if _, err := os.Stat(filepath.Join(dir, "journal.db")); err != nil {
			continue
		}
		for _, name := range ownFiles {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("purge: %w", err)
			}
		}
		n.o.Tell("日志库保留在 "+dir, "the journal stays in "+dir)
	}
	if err := os.RemoveAll(filepath.Join(root, "log")); err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	for _, name := range []string{"receiptd.toml", "templates", "data", "spool/.taken", "spool/incoming", "spool/results", "spool/rejected", "spool", "."} {
		os.Remove(filepath.Join(root, filepath.FromSlash(name))) // a folder that holds something stays
	}
	return nil
}

func (n *native) uninstall() error {
	if !n.o.isRoot() {
		return ErrNeedRoot
	}
	if _, err := n.control.Status(); errors.Is(err, kservice.ErrNotInstalled) {
		return ErrNotInstalled
	}
	if st, err := n.control.Status(); err == nil && st == kservice.StatusRunning {
		if err := n.control.Stop(); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
	}
	return errors.Join(named("uninstall", n.control.Uninstall()), n.o.onPath(filepath.Dir(n.o.Executable), false))
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
