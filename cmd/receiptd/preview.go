package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

func newJobPreview(a *app) *cobra.Command {
	var out, profileName, copyName, locale string
	var width int
	cmd := &cobra.Command{
		Use:   "preview FILE",
		Short: "Show a slip as it would come out, without a printer; - is standard input",
		Long: "Draws the slip from the same layout as paper. The format follows the output's name: x.png a picture, x.txt text,\n" +
			"x.bin the ESC/POS bytes. Without -o the text is shown.",
		Example: "  receiptd job preview examples/jobs/01-sale-chip.json -o slip.png",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := a.readFileArg(args[0])
			if err != nil {
				return err
			}
			parsed := job.Parse(data)
			if parsed.Job == nil {
				return problemsError{exitInvalid, parsed.Errors}
			}
			drawn, err := a.preview(parsed.Job, job.CopyName(copyName), cmp.Or(filepath.Ext(out), ".txt"), profileName, locale, width)
			if err != nil {
				return err
			}
			if out == "" {
				_, err = a.stdout.Write(drawn)
				return err
			}
			if err := os.WriteFile(out, drawn, 0o644); err != nil {
				return fmt.Errorf("write preview: %w", err)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVarP(&out, "output", "o", "", "x.png, x.txt or x.bin (default: text on standard output)")
	f.IntVar(&width, "width", 0, "cells per line: 32, 42, 48 (default: the profile's)")
	f.StringVar(&profileName, "profile", "generic-80", "printer profile")
	f.StringVar(&copyName, "copy", "", "merchant, cardholder, kitchen, ... (default: the first)")
	f.StringVar(&locale, "locale", "", "zh-CN or en (default: the job's, else the configuration's)")
	return cmd
}

// preview draws one copy in the format of a file extension.
func (a *app) preview(j *job.Job, name job.CopyName, ext, profileName, locale string, width int) ([]byte, error) {
	shared, err := profile.Load(profileName)
	if err != nil {
		return nil, codeError{exitNotFound, err.Error()}
	}
	own := *shared
	prof := &own
	if width != 0 {
		prof.Columns = width
	}
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	set, err := a.templateSet()
	if err != nil {
		return nil, err
	}
	if name == "" {
		names := append(j.Copies, j.DefaultCopies()...)
		if len(names) == 0 {
			return nil, codeError{exitInvalid, a.say("这个任务不打印小票。", "this job prints no slip.")}
		}
		name = names[0]
	}
	if !j.AllowsCopy(name) {
		return nil, codeError{exitInvalid, a.say("这个任务没有这一联:", "this job has no such copy: ") + string(name)}
	}
	slip, err := set.Render(templates.Input{Job: j, Copy: name, Width: prof.Columns, Measure: prof.Measure, Locale: locale, Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1, At: time.Now()},
		Shop: templates.Shop{MaskPolicy: templates.MaskPolicy(c.Slip.MaskPolicy), PrintExpiry: templates.ExpiryPolicy(c.Slip.PrintExpiry)}})
	if err != nil {
		return nil, codeError{exitInvalid, err.Error()}
	}
	for _, w := range slip.Warnings {
		a.complain(a.say(w.Zh, w.En))
	}
	switch ext {
	case ".txt":
		return []byte(slip.Layout.Text()), nil
	case ".bin":
		encoded, warnings := escpos.Encode(slip.Layout, prof, escpos.Options{})
		for _, w := range warnings {
			a.complain(a.say(w.Zh, w.En))
		}
		return append(encoded.Content, encoded.Cut...), nil
	case ".png":
		var buf bytes.Buffer
		if err := raster.Draw(slip.Layout, prof, raster.Fonts{}).PNG(&buf); err != nil {
			return nil, fmt.Errorf("draw preview: %w", err)
		}
		return buf.Bytes(), nil
	}
	return nil, usageError{fmt.Errorf("the output's name ends in .png, .txt or .bin, not %q", ext)}
}
