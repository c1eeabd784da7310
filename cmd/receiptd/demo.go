package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/receiptd/receiptd/examples"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/printer/virtual"
)

// demoJobs are the samples the demo drops, in the order of the terminal's day.
var demoJobs = []string{"01-sale-chip.json", "02-sale-contactless-no-sign.json", "03-sale-void.json", "06-scan-pay-wechat.json", "11-order-meituan.json"}

// panelPlaces is how many connections the virtual printer's control has in the demo, which shares its descriptors with the
// daemon.
const panelPlaces = 16

// A demo is one throw-away shop: folders, a configuration file, and a virtual printer behind a real socket.
type demo struct {
	a       *app
	dir     string
	config  string
	spool   string
	paper   string
	samples string // jobs to drop by hand
	control string
	printer *virtual.Printer
	socket  net.Listener
	panel   net.Listener
	page    net.Listener
	slips   bool // each slip is shown as text too
}

// runDemo runs receiptd on a virtual printer until ctx ends.
func (a *app) runDemo(ctx context.Context, dir string, slips bool) error {
	d, err := a.newDemo(ctx, dir)
	if err != nil {
		return err
	}
	d.slips = slips
	loader := config.Loader{Path: d.config, Checks: []config.Check{daemon.Check}} // nothing of the environment: it is another shop's
	cfg, err := loader.Load()
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	panel := httpd.New(httpd.Options{Handler: d.printer.Handler(), Max: panelPlaces})
	var peers sync.WaitGroup
	peers.Go(func() { _ = panel.Serve(d.panel) }) // ends with Close
	peers.Go(func() {
		if err := d.printer.ServeTCP(ctx, d.socket); err != nil && ctx.Err() == nil {
			logger.Error("virtual printer", "err", err)
		}
	})
	peers.Go(func() {
		if err := d.drop(); err != nil {
			a.complain(a.said(err))
		}
	})
	err = daemon.Run(ctx, cfg, daemon.Options{Logger: logger, Version: version(), Demo: d.control, Page: d.page, File: d.config, Load: loader.Load, WithSetUp: loader.With, Ready: func(page string) {
		d.welcome(page)
		peers.Go(func() { d.whatNext(ctx, page) })
	}})
	cancel()
	panel.Close()
	peers.Wait()
	fmt.Fprintln(a.stdout, a.say("\n演示结束。文件还在：", "\nThe demo has ended. Its files are still in ")+d.dir)
	return err
}

// newDemo makes the folders, the configuration and the printer.
func (a *app) newDemo(ctx context.Context, dir string) (*demo, error) {
	var err error
	if dir == "" {
		dir, err = os.MkdirTemp("", "receiptd-demo-")
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("make demo folder: %w", err)
	}
	d := &demo{a: a, dir: dir, config: filepath.Join(dir, "receiptd.toml"), spool: filepath.Join(dir, "spool"), paper: filepath.Join(dir, "paper"), samples: filepath.Join(dir, "samples")}
	if err := errors.Join(os.MkdirAll(d.paper, 0o755), d.writeSamples()); err != nil {
		return nil, fmt.Errorf("make demo folder: %w", err)
	}
	var lc net.ListenConfig
	if d.socket, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("open the virtual printer's socket: %w", err)
	}
	if d.panel, err = lc.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("open the virtual printer's control: %w", err)
	}
	if d.page, err = openPage(ctx); err != nil {
		return nil, fmt.Errorf("open the page's address: %w", err)
	}
	d.control = "http://" + d.panel.Addr().String()
	d.printer = virtual.New(virtual.Options{Model: "generic-80", Speed: virtual.Real, PaperDir: d.paper, OnPiece: d.tell})
	text := fmt.Sprintf("# the demo's configuration\n[spool]\ndir = %q\n\n[data]\ndir = %q\n\n[http]\nlisten = %q\n\n[shop]\nlocale = \"zh-CN\"\n\n[templates]\ndir = %q\n\n[[printer]]\nname = \"front\"\ndevice = \"tcp://%s\"\nprofile = \"generic-80\"\nidle_close = \"1h\"\n",
		d.spool, filepath.Join(dir, "data"), d.page.Addr(), filepath.Join(dir, "templates"), d.socket.Addr())
	if err := os.WriteFile(d.config, []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("write demo configuration: %w", err)
	}
	return d, nil
}

// writeSamples puts beside the demo the jobs that its text invites to drop: who tries it may have nothing but the program.
func (d *demo) writeSamples() error {
	if err := os.MkdirAll(d.samples, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"05-pre-auth.json", "17-settlement.json"} {
		data, err := examples.Jobs.ReadFile("jobs/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(d.samples, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// openPage listens on the contract's address when nobody uses it, else on any free port. It stays open: another demo may look
// for an address at the same time.
func openPage(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	if l, err := lc.Listen(ctx, "tcp", "127.0.0.1:9180"); err == nil {
		return l, nil
	}
	return lc.Listen(ctx, "tcp", "127.0.0.1:0")
}

// drop puts the sample jobs into the drop folder the way programs should: written aside, synced, renamed.
func (d *demo) drop() error {
	incoming := filepath.Join(d.spool, "incoming")
	if err := os.MkdirAll(incoming, 0o770); err != nil {
		return fmt.Errorf("make drop folder: %w", err)
	}
	for _, name := range demoJobs {
		data, err := examples.Jobs.ReadFile("jobs/" + name)
		if err != nil {
			return fmt.Errorf("read sample: %w", err)
		}
		tmp := filepath.Join(incoming, "."+name+".tmp")
		if err := writeSynced(tmp, data); err != nil {
			return fmt.Errorf("drop sample: %w", err)
		}
		if err := os.Rename(tmp, filepath.Join(incoming, name)); err != nil {
			return fmt.Errorf("drop sample: %w", err)
		}
	}
	return nil
}

func writeSynced(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// isGoRun tells a binary that `go run` built: it lies in a folder of the build, temporary or cached, and is not what anybody types.
func isGoRun() bool {
	exe, err := os.Executable()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(exe), "/"), func(part string) bool { return strings.HasPrefix(part, "go-build") })
}
