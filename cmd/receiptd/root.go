package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
)

// app holds what the process was given and the global flags.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string

	configPath string
	json       bool
	lang       string
	quiet      bool
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "receiptd",
		Short: "Prints payment slips with proof, and reprints them until settlement",
		Long: "receiptd watches a drop folder for completed transactions, prints their slips over serial, USB or network\n" +
			"ESC/POS with proof, and reprints the last slip or any voucher until settlement closes the batch.\n\n" +
			"Try it without a printer:  receiptd run --demo",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", a.env("RECEIPTD_CONFIG", config.DefaultPath), "configuration file (RECEIPTD_CONFIG)")
	flags.BoolVar(&a.json, "json", false, "print results as JSON")
	flags.StringVar(&a.lang, "lang", a.defaultLang(), "language of messages, zh or en (RECEIPTD_LANG)")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print nothing but errors")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.lang != "zh" && a.lang != "en" {
			return usageError{fmt.Errorf("--lang is zh or en, not %q", a.lang)}
		}
		return nil
	}
	root.AddCommand(newRunCommand(a), newJobCommand(a), newReprintCommand(a), newBatchCommand(a), newPrinterCommand(a),
		newTemplateCommand(a), newConfigCommand(a), newVirtualCommand(), newVersionCommand(a))
	return root
}

func (a *app) env(name, fallback string) string {
	for _, pair := range a.environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok && value != "" {
			return value
		}
	}
	return fallback
}

// defaultLang follows RECEIPTD_LANG, then the system's language.
func (a *app) defaultLang() string {
	if lang := a.env("RECEIPTD_LANG", ""); lang != "" {
		return lang
	}
	if strings.HasPrefix(a.env("LC_ALL", a.env("LC_MESSAGES", a.env("LANG", ""))), "zh") {
		return "zh"
	}
	return "en"
}

// say picks the sentence in the user's language.
func (a *app) say(zh, en string) string {
	if a.lang == "zh" {
		return zh
	}
	return en
}

// print writes a result, as JSON when asked for, else as text.
func (a *app) print(v any, text func(w io.Writer)) error {
	if a.json {
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
		return nil
	}
	if !a.quiet {
		text(a.stdout)
	}
	return nil
}

// loadConfig reads the configuration that --config names. A missing file at the default place is an empty one.
func (a *app) loadConfig() (*config.Config, error) {
	c, err := config.Load(a.configPath, a.environ)
	if errors.Is(err, fs.ErrNotExist) && a.configPath == config.DefaultPath {
		return config.Parse("", nil, a.environ)
	}
	return c, err
}

// client connects to the daemon of the configuration.
func (a *app) client() (*client.Client, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	return client.New(c.HTTP.Listen, c.Data.Dir)
}

// readFileArg reads a file, or standard input for "-".
func (a *app) readFileArg(name string) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(a.stdin)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	return data, nil
}
