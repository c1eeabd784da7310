package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

func newTemplateCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "template", Short: "List, show, check and copy templates"}
	cmd.AddCommand(newTemplateList(a), newTemplateShow(a), newTemplateLint(a), newTemplateNew(a))
	return cmd
}

// templateSet loads the templates with the overrides of the configuration.
func (a *app) templateSet() (*templates.Set, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	set, err := templates.Load(templates.Options{Dir: c.Templates.Dir, Locale: c.Shop.Locale})
	if err != nil {
		return nil, codeError{exitInvalid, err.Error()}
	}
	return set, nil
}

// splitTemplate parts sale.zh-CN into name and locale; sale alone is the Chinese one.
func splitTemplate(id string) (name, locale string) {
	name, locale, ok := strings.Cut(id, ".")
	if !ok {
		locale = "zh-CN"
	}
	return name, locale
}

func newTemplateList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List templates, and which are overridden", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := a.templateSet()
			if err != nil {
				return err
			}
			list := set.List()
			return a.print(list, func(w io.Writer) {
				for _, t := range list {
					fmt.Fprintf(w, "%-32s %s  %s\n", t.Name+"."+t.Locale, a.say(t.Zh, t.En), t.File)
				}
			})
		},
	}
}

func newTemplateShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Print a built-in template's source, e.g. sale.zh-CN", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name, locale := splitTemplate(args[0])
			text, err := templates.Source(name, locale)
			if err != nil {
				return codeError{exitNotFound, err.Error()}
			}
			_, err = io.WriteString(a.stdout, text)
			return err
		},
	}
}

func newTemplateLint(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "lint FILE...", Short: "Check templates; errors show line and column", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, names []string) error {
			set, err := a.templateSet()
			if err != nil {
				return err
			}
			bad := false
			for _, name := range names {
				data, err := a.readFileArg(name)
				if err != nil {
					return err
				}
				for _, d := range set.Lint(name, string(data)) {
					bad = bad || d.Severity == receiptline.Error
					fmt.Fprintf(a.stdout, "%s:%d:%d: %s [%s]\n", name, d.Line, d.Column, a.say(d.Zh, d.En), d.Code)
				}
			}
			if bad {
				return codeError{code: exitInvalid}
			}
			return nil
		},
	}
}

func newTemplateNew(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "new NAME", Short: "Copy a built-in template into the templates folder, to edit", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.loadConfig()
			if err != nil {
				return err
			}
			name, locale := splitTemplate(args[0])
			path, err := templates.New(name, locale, c.Templates.Dir)
			if errors.Is(err, templates.ErrUnknownTemplate) {
				return codeError{exitNotFound, err.Error()}
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(a.stdout, path)
			return nil
		},
	}
}
