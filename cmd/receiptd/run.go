package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/DeRuina/timberjack"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
)

func newRunCommand(a *app) *cobra.Command {
	var demo bool
	var dir string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run in the foreground",
		Long: "Watches the drop folder and prints until Ctrl-C or SIGTERM. A slip on the wire then has a moment to be proven.\n\n" +
			"--demo needs no printer and no configuration: it makes throw-away folders, starts a virtual printer as a real TCP\n" +
			"peer, drops sample jobs, and shows what lies on the counter and what to try next.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if demo {
				return a.runDemo(cmd.Context(), dir)
			}
			return a.runDaemon(cmd)
		},
	}
	cmd.Flags().BoolVar(&demo, "demo", false, "throw-away data, a virtual printer, sample jobs")
	cmd.Flags().StringVar(&dir, "demo-dir", "", "with --demo: the folder to use (default: a new temporary one)")
	return cmd
}

func (a *app) runDaemon(cmd *cobra.Command) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if len(c.Printers) == 0 {
		return codeError{exitInvalid, a.say("没有配置打印机:请在 "+a.configPath+" 里写一段 [[printer]];没有打印机可先试 receiptd run --demo。",
			"no printer is configured: write a [[printer]] section in "+a.configPath+"; without a printer try receiptd run --demo.")}
	}
	logger, closeLog := openLog(c.Log, a.stderr)
	defer closeLog()
	return daemon.Run(cmd.Context(), c, daemon.Options{Logger: logger, Version: version(), Ready: func(page string) {
		logger.Info("running", "spool", c.Spool.Dir, "data", c.Data.Dir, "printers", len(c.Printers))
		if !a.quiet {
			fmt.Fprintln(a.stdout, a.say("柜台页面:", "counter page: ")+page)
		}
	}})
}

// openLog makes the logger that the configuration asks for, and what closes it.
func openLog(c config.Log, stderr io.Writer) (*slog.Logger, func()) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked with the configuration
	w, closeLog := stderr, func() {}
	if c.File != "" {
		file := &timberjack.Logger{Filename: c.File, MaxSize: c.MaxMB, MaxBackups: c.MaxFiles, FileMode: os.FileMode(0o640)}
		w, closeLog = file, func() { file.Close() }
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), closeLog
	}
	return slog.New(slog.NewTextHandler(w, o)), closeLog
}
