package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// daemonTime is how long a daemon may take to answer doctor.
const daemonTime = 5 * time.Second

// doctorCommand is `receiptd doctor`.
type doctorCommand struct{ a *app }

func (g doctorCommand) command() *cobra.Command {
	var printer, bundle string
	cmd := &cobra.Command{
		Use: "doctor", Short: g.a.say("查一遍：为什么打不出来，怎么修", "Find what keeps slips from printing, and what mends it"), Args: g.a.none(),
		Long: g.a.say("检查配置、时间、磁盘、文件夹、日志库、模板和每台打印机；每个问题都给出修它的命令。有问题时退出码是 1。\n"+
			"--bundle 把配置、日志和检查结果打成一个 zip 给技术人员：卡号、口令都已遮掉，不含交易文件和日志库。对着总部的配置就查总部（receiptd hub check）。",
			"Looks at configuration, clock, disk, folders, journal, templates and each printer; every problem comes with the command\n"+
				"that mends it. The exit code is 1 when there is one. --bundle packs configuration, log and findings into a zip for a\n"+
				"technician: card numbers and secrets are hidden, jobs and journal are left out. With a hub's configuration it looks at the hub."),
		Example: "  receiptd doctor\n  receiptd doctor --printer front\n  " + hint.Admin("receiptd doctor --bundle receiptd.zip"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if g.atHub() {
				return hubCommands(g).examine(cmd.Context())
			}
			o := g.options(printer)
			list := doctor.Run(cmd.Context(), o)
			if bundle != "" {
				if err := writeBundle(cmd.Context(), bundle, o, list); err != nil {
					return err
				}
			}
			if err := g.a.print(nonNil(list), func(w io.Writer) {
				fmt.Fprint(w, doctor.Text(list, string(g.a.lang)))
				if bundle != "" {
					fmt.Fprintf(w, g.a.say("已写入 %s，发出去之前可以打开看看。\n", "wrote %s; look into it before you send it.\n"), bundle)
				}
			}); err != nil {
				return err
			}
			if doctor.Bad(list) {
				return codeError{code: exitFailed}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&printer, "printer", "", g.a.say("只查这台打印机", "look at this printer only"))
	printerCommands(g).complete(cmd, "printer")
	cmd.Flags().StringVar(&bundle, "bundle", "", g.a.say("另写一个 zip 给技术人员", "also write a zip for a technician"))
	return cmd
}

// atHub tells whether the file that is named is a hub's, or, where none is named and there is no shop here, one stands at the usual place.
func (g doctorCommand) atHub() bool {
	if g.a.configPath == config.DefaultPath {
		if _, err := os.Stat(config.DefaultPath); !errors.Is(err, os.ErrNotExist) {
			return false
		}
	}
	return settings.IsHub(hubCommands(g).path())
}

func (g doctorCommand) options(printer string) doctor.Options {
	o := doctor.Options{Printer: printer, Version: version(), Built: builtAt(), Verify: journalCommands(g).verify}
	o.Config, o.ConfigErr = g.a.loadConfig()
	if o.Config != nil && len(o.Config.Printers) > 0 {
		_, o.ConfigErr = g.a.loadChecked() // the rest is looked at all the same
	}
	if o.Config == nil {
		return o
	}
	o.Moved = func(ctx context.Context) (what, fix job.Text, is bool) {
		var moved *queue.MovedError
		if err := queue.MovedTo(ctx, filepath.Join(o.Config.Data.Dir, "journal.db")); !errors.As(err, &moved) {
			return what, fix, false
		}
		what, fix = movedText(moved)
		return what, fix, true
	}
	if m, err := serviceCommands(g).manager(); err == nil {
		o.Service = m.Unit
	}
	o.Ready = func(ctx context.Context) (map[string]job.Text, error) { return unready(ctx, o.Config.HTTP.Listen) }
	o.Waiting = func(ctx context.Context) ([]string, error) { return waitsForRestart(ctx, o.Config) }
	o.Archive = func(ctx context.Context) (api.ArchiveStatus, error) {
		return ask[api.ArchiveStatus](ctx, o.Config, "/v1/archive")
	}
	o.LAN = func(ctx context.Context) (api.LAN, error) { return ask[api.LAN](ctx, o.Config, "/v1/lan") }
	o.Fleet = func(ctx context.Context) (api.Fleet, error) { return ask[api.Fleet](ctx, o.Config, "/v1/fleet") }
	o.Receivers = func(ctx context.Context) ([]api.Receiver, error) { return askReceivers(ctx, o.Config) }
	o.Daemon = func(ctx context.Context) ([]doctor.Live, error) {
		ctx, cancel := context.WithTimeout(ctx, daemonTime)
		defer cancel()
		c, err := client.New(o.Config.HTTP.Listen, o.Config.Data.Dir)
		if errors.Is(err, client.ErrNoToken) && !errors.Is(err, client.ErrUnreachable) {
			return nil, fmt.Errorf("%w: %w", doctor.ErrNoAccess, err)
		}
		if err != nil {
			return nil, err
		}
		var page api.Printers
		if err := c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/printers"}, &page); err != nil {
			return nil, err
		}
		list := make([]doctor.Live, len(page.Printers))
		for i, p := range page.Printers {
			list[i] = doctor.Live{Name: p.Name, State: p.State, Reason: p.Reason, Text: p.Text, Cause: diagnosis.Cause(p.Cause), What: p.What, Fix: p.Fix, Device: p.Device}
		}
		return list, nil
	}
	return o
}

func writeBundle(ctx context.Context, path string, o doctor.Options, list []doctor.Finding) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return errors.Join(doctor.WriteBundle(ctx, f, o, list), f.Close())
}

// unready asks a running daemon what /readyz finds wrong; it needs no token.
func unready(ctx context.Context, listen []string) (map[string]job.Text, error) {
	ctx, cancel := context.WithTimeout(ctx, daemonTime)
	defer cancel()
	err := client.ErrUnreachable
	for _, addr := range listen {
		var req *http.Request
		if req, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", http.NoBody); err != nil {
			continue
		}
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err != nil {
			continue
		}
		var answer struct {
			Problems map[string]job.Text `json:"problems"`
		}
		err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer)
		resp.Body.Close()
		if err == nil {
			return answer.Problems, nil
		}
	}
	return nil, fmt.Errorf("ask for readiness: %w", err)
}
