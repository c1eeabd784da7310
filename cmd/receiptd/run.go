package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/service"
)

func newRunCommand(a *app) *cobra.Command {
	var demo, slips bool
	reloadZh, reloadEn := hint.Reload()
	var dir string
	cmd := &cobra.Command{
		Use:   "run",
		Short: a.say("在前台运行", "Run in the foreground"),
		Long: a.say("看着投递文件夹并打印，直到 "+hint.End()+"；正在打的那张会等一会儿，等它的证明。配置改了会自动换上"+reloadZh+"，改错的不换。\n\n"+
			"--demo 不要打印机也不要配置：建临时文件夹，起一台虚拟打印机，投几份样例，显示柜台上的小票和可以试的命令。",
			"Watches the drop folder and prints until "+hint.End()+". A slip on the wire then has a moment to be proven. A changed\nconfiguration is taken over by itself"+reloadEn+"; a wrong one is not.\n\n"+
				"--demo needs no printer and no configuration: it makes throw-away folders, starts a virtual printer as a real TCP\n"+
				"peer, drops sample jobs, and shows what lies on the counter and what to try next."),
		Example: "  receiptd run --demo\n  receiptd run --config " + hint.Config(),
		Args:    a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if demo {
				return a.runDemo(cmd.Context(), dir, slips)
			}
			return a.runDaemon(cmd)
		},
	}
	cmd.Flags().BoolVar(&demo, "demo", false, a.say("临时数据、虚拟打印机、样例任务", "throw-away data, a virtual printer, sample jobs"))
	cmd.Flags().StringVar(&dir, "demo-dir", "", a.say("配 --demo：用这个文件夹（不写：新建临时的）", "with --demo: the folder to use (default: a new temporary one)"))
	cmd.Flags().BoolVar(&slips, "demo-slips", false, a.say("配 --demo：把每张小票也显示成文字", "with --demo: show each slip as text too"))
	return cmd
}

func (a *app) runDaemon(cmd *cobra.Command) error {
	c, err := a.loadChecked()
	var missing codeError
	if errors.Is(err, fs.ErrNotExist) && errors.As(err, &missing) { // it may come yet, with the disk it lies on: a service tries again
		return codeError{exitNotFound, missing.message}
	}
	if err != nil {
		return err
	}
	if c.SetUp.Hidden != nil {
		return fmt.Errorf("read the set-up: %w", c.SetUp.Hidden)
	}
	logger, closeLog, err := a.openLog(c.Log)
	if err != nil {
		return err
	}
	defer closeLog()
	for _, p := range c.Remarks {
		logger.Warn("a variable that nobody reads", "what", p.En)
	}
	o := daemon.Options{
		Logger: logger, Version: version(), Load: a.loadChecked, Reload: a.hangups(), File: a.configPath, WithSetUp: a.loader(daemon.Check).With,
		Notify: service.Notify, Watchdog: service.Watchdog(),
		Ready: func(page string) {
			logger.Info("running", "spool", c.Spool.Dir, "data", c.Data.Dir, "printers", len(c.Printers))
			if !a.quiet {
				fmt.Fprintln(a.stdout, a.say("柜台页面：", "counter page: ")+a.shownLink(page))
			}
		},
	}
	return service.Serve(cmd.Context(), func(ctx context.Context) error { return daemon.Run(ctx, c, o) })
}
