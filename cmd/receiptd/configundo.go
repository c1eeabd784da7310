package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/setupfile"
)

// undo is receiptd config undo: the way back without a browser, and without a daemon.
func (g configFiles) undo() *cobra.Command {
	var pinFile string
	cmd := &cobra.Command{
		Use: "undo", Short: g.a.say("撤销设置页的上次修改", "Undo the last change of the set-up page"), Args: g.a.none(),
		Long: g.a.say("恢复设置页（/setup）上次修改之前的设置，马上生效；再运行一次就又改回去。设了主管密码要输入。receiptd 没在运行时直接改文件，要管理员。",
			"Goes back to the set-up before the last change on the page (/setup), at once; once more undoes that. It wants the supervisor's PIN\nwhere one is set. While no receiptd runs it changes the file itself, which needs an\nadministrator."),
		Example: "  receiptd config undo",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			plan, err := g.undone(cmd.Context(), cfg, pinFile)
			if err != nil {
				return err
			}
			return g.a.print(plan, func(w io.Writer) {
				for _, d := range plan.Differences {
					fmt.Fprintf(w, "%s: %q -> %q\n", d.Key, d.Before, d.After)
				}
				fmt.Fprintln(w, g.a.say("已恢复。", "Undone."))
			})
		},
	}
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

// undone asks the running daemon, or does it where none runs.
func (g configFiles) undone(ctx context.Context, cfg *config.Config, pinFile string) (plan api.SetupPlan, err error) {
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	var now api.Setup
	if err == nil {
		err = c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/setup"}, &now)
	}
	if errors.Is(err, client.ErrUnreachable) {
		return g.undoneHere(cfg)
	}
	if err != nil {
		return plan, err
	}
	call := client.Call{Method: http.MethodPost, Path: "/v1/setup/undo?" + url.Values{"version": {now.Version}}.Encode()}
	if pinFile != "" {
		if call.Pin, err = secrets(g).readFile(pinFile); err != nil {
			return plan, err
		}
	}
	err = c.Do(ctx, call, &plan)
	var refusal *client.Refusal
	if call.Pin == "" && errors.As(err, &refusal) && refusal.Status == http.StatusForbidden {
		if call.Pin, err = secrets(g).pinIf(true, ""); err != nil {
			return plan, err
		}
		err = c.Do(ctx, call, &plan)
	}
	return plan, err
}

func (g configFiles) undoneHere(cfg *config.Config) (plan api.SetupPlan, err error) {
	if cfg.SetUp.Hidden != nil {
		return plan, cfg.SetUp.Hidden
	}
	store := setupfile.New(cfg.Data.Dir, g.a.loader(daemon.Check).With)
	now, err := store.Show()
	if err != nil {
		return plan, err
	}
	if plan, err = store.Apply(api.SetupChange{Undo: true, Version: now.Version}); err != nil {
		return plan, err
	}
	if len(plan.Problems) > 0 {
		return plan, problemsError{exitRefused, plan.Problems}
	}
	for _, name := range setupfile.Names() {
		if err := giveTo(filepath.Join(cfg.Data.Dir, name), cfg.Data.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return plan, fmt.Errorf("let the daemon read the set-up: %w", err)
		}
	}
	return plan, nil
}
