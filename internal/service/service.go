// Package service installs and controls receiptd as a service of the system: a systemd unit on Linux, the service manager on
// Windows (experimental: installed under wine only) and macOS.
//
// It owns the unit and the files beside it that Install writes; configuration, journal and drop folder are never removed. An
// Install that was interrupted is repeated by running it again. No goroutine outlives a call, but for Serve's, which waits for
// its own.
package service

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Name is the service's name for the system.
const Name = "receiptd"

// Errors that callers branch on.
var (
	ErrNeedRoot     = errors.New("only the administrator may do that")
	ErrNoManager    = errors.New("this system has no service manager that receiptd knows")
	ErrNotInstalled = errors.New("receiptd is not installed as a service")
	ErrPackaged     = errors.New("receiptd came with a package, and goes with it")
	ErrHidden       = errors.New("the service cannot see this path")
	ErrPathName     = errors.New("this path cannot be written into a unit")
)

// A PathError names the configuration or the folder with which the service could not start, and why: ErrHidden or ErrPathName.
type PathError struct {
	Path string
	Err  error
}

func (e *PathError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *PathError) Unwrap() error { return e.Err }

// What ProtectHome and PrivateTmp of a unit hide from the service (systemd.exec(5)).
var (
	homes = []string{"/home", "/root", "/run/user"}
	tmps  = []string{"/tmp", "/var/tmp"}
)

// Options say what to install. Executable is required.
type Options struct {
	Executable string   // this program
	Config     string   // configuration file; "" is the system's usual place
	Folders    []Folder // what the configuration names; Install makes what is missing
	// Tell shows a person what was done; nil shows nobody.
	Tell func(zh, en string)

	root    string // before all paths, in tests
	run     func(ctx context.Context, name string, args ...string) (string, error)
	isRoot  func() bool
	account func(name string) (account, error)
	may     func(ctx context.Context, who account, path, right string) bool
	keepUp  func() error                        // has the system start the service again when it ends by itself; on Windows
	onPath  func(dir string, wanted bool) error // lets command lines find the program; on Windows
	control control                             // what installs on other systems
}

// Status is how the service stands.
type Status struct {
	Installed bool   `json:"installed"`
	Enabled   bool   `json:"enabled"` // starts with the system
	Running   bool   `json:"running"`
	Detail    string `json:"detail"` // in the system's words
}

// A Manager installs and controls the service.
type Manager struct {
	systemd *systemd // on Linux
	native  *native  // elsewhere
}

// New makes the manager of this system.
func New(o Options) (*Manager, error) {
	o.fill()
	if runtime.GOOS == "linux" {
		return &Manager{systemd: &systemd{o}}, nil
	}
	n, err := newNative(o)
	return &Manager{native: n}, err
}

func (o *Options) fill() {
	if o.Tell == nil {
		o.Tell = func(string, string) {}
	}
	if o.run == nil {
		o.run = runCommand
	}
	if o.isRoot == nil {
		o.isRoot = isRoot
	}
	if o.account == nil {
		o.account = lookUp
	}
	if o.may == nil {
		o.may = may
	}
	if o.keepUp == nil {
		o.keepUp = keepUp
	}
	if o.onPath == nil {
		o.onPath = onPath
	}
}

// Install writes what the service needs and lets it start with the system. It does not start it. It may be repeated, and then
// brings the files up to date. Errors: ErrNeedRoot, ErrNoManager, *PathError, *FolderError.
func (m *Manager) Install(ctx context.Context) error {
	if m.native != nil {
		return m.native.install(ctx)
	}
	return m.systemd.install(ctx)
}

// Uninstall stops the service and removes what Install wrote, but not configuration, journal and drop folder. Errors:
// ErrNeedRoot, ErrNotInstalled, ErrPackaged.
func (m *Manager) Uninstall(ctx context.Context) error {
	if m.native != nil {
		return m.native.uninstall()
	}
	return m.systemd.uninstall(ctx)
}

// Purge is Uninstall, and removes beside what Install wrote all that is receiptd's own: configuration, logs, secrets, the
// journal's ballast. The journal, its backups, and files in the drop folder stay; Tell says where. Errors: as Uninstall.
func (m *Manager) Purge(ctx context.Context) error {
	if m.native != nil {
		return m.native.purge()
	}
	return m.systemd.purge(ctx)
}

// Start starts the service and waits until it runs. Errors: ErrNeedRoot, ErrNotInstalled.
func (m *Manager) Start(ctx context.Context) error {
	if m.native != nil {
		return m.native.start()
	}
	return m.systemd.control(ctx, "start")
}

// Stop stops the service and waits until it has stopped. Errors: ErrNeedRoot, ErrNotInstalled.
func (m *Manager) Stop(ctx context.Context) error {
	if m.native != nil {
		return m.native.stop()
	}
	return m.systemd.control(ctx, "stop")
}

// Status asks the system. It needs no permission.
func (m *Manager) Status(ctx context.Context) (Status, error) {
	if m.native != nil {
		return m.native.status()
	}
	return m.systemd.status(ctx), nil
}

// Notify tells systemd a state as in sd_notify(3). Without systemd it does nothing.
func Notify(state string) error {
	_, err := daemon.SdNotify(false, state)
	return err
}

// Watchdog is how often systemd wants a sign of life; 0 is never.
func Watchdog() time.Duration {
	d, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return 0 // a value that is not for us
	}
	return d
}

func runCommand(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		if text == "" {
			text = err.Error()
		}
		return text, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, text)
	}
	return text, nil
}
