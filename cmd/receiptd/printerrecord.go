package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
)

// recordProbe probes a printer with the line recorded. The daemon would hold the line, so it must not run. The file must be new.
func (g printerCommands) recordProbe(cmd *cobra.Command, args []string, cover bool, path string) error {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return err
	}
	name, err := g.only(cfg, args)
	if err != nil {
		return err
	}
	if c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir); err == nil {
		if err := c.Do(cmd.Context(), client.Call{Path: "/healthz"}, nil); !errors.Is(err, client.ErrUnreachable) {
			return codeError{exitFailed, g.a.say("receiptd 正在用这台打印机。要记录，先把它停下，再运行这条命令。",
				"receiptd is using this printer. To record, stop receiptd first, then run this command again.")}
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return codeError{exitFailed, g.a.say("不能写这个文件（要一个还没有的名字）：", "cannot write this file (name one that is not there yet): ") + g.a.said(err)}
	}
	r, err := g.probeInto(cmd, cfg, name, cover, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	g.a.progress(g.a.say("记录在 "+path+"。看过以后，请附在报告里。", "recorded in "+path+". Look through it, then attach it to your report."))
	return g.a.print(r, func(w io.Writer) { g.writeProbe(w, r) })
}

// probeInto probes and writes the recording, of a probe that failed too: it shows why.
func (g printerCommands) probeInto(cmd *cobra.Command, cfg *config.Config, name string, cover bool, w io.Writer) (api.Probe, error) {
	x, rec, err := daemon.RecordDirect(cmd.Context(), cfg, name, version())
	if err != nil {
		return api.Probe{}, err
	}
	r, err := x.Probe(cmd.Context(), cover, g.probeStep)
	x.Close()
	var result any
	if err == nil {
		shown := r
		shown.Printer = "" // the shop's name for it
		result = shown
	}
	return r, errors.Join(err, rec.Write(w, result))
}
