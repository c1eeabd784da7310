package main

import (
	"fmt"
	"io"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
)

func newConfigCommand(a *app) *cobra.Command {
	return a.group("config", "检查和查看配置", "Check and show the configuration",
		&cobra.Command{
			Use: "check", Short: a.say("检查配置，错误指出行", "Check the configuration; errors show the line"), Args: a.none(),
			Example: "  receiptd config check --config ./receiptd.toml",
			RunE: func(*cobra.Command, []string) error {
				c, err := a.loadChecked()
				if err != nil {
					return err
				}
				return a.print(map[string]any{"path": c.Path, "printers": len(c.Printers)}, func(w io.Writer) {
					fmt.Fprintf(w, a.say("配置没有错误，%d 台打印机。\n", "The configuration is good: %d printer(s).\n"), len(c.Printers))
				})
			},
		},
		&cobra.Command{
			Use: "show", Short: a.say("列出生效的每个值，以及从哪里来", "Show every value in force, and where it came from"), Args: a.none(),
			Long: a.say("参数高于环境变量（RECEIPTD_SPOOL_DIR 等），环境变量高于文件，文件高于缺省值。",
				"A flag wins over the environment (RECEIPTD_SPOOL_DIR, ...), that over the file, that over the default."),
			RunE: func(*cobra.Command, []string) error {
				c, err := a.loadConfig()
				if err != nil {
					return err
				}
				values, err := asInFile(c)
				if err != nil {
					return err
				}
				return a.print(map[string]any{"config": values, "origins": c.Origins}, func(w io.Writer) { showConfig(w, c) })
			},
		},
	)
}

// asInFile gives a part of the configuration with the names it has in the file.
func asInFile(part any) (map[string]any, error) {
	data, err := toml.Marshal(part)
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	var out map[string]any
	if err := toml.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("read configuration back: %w", err)
	}
	return out, nil
}

// showConfig writes the configuration as TOML, then the origins of what is not a default.
func showConfig(w io.Writer, c *config.Config) {
	data, err := toml.Marshal(c)
	if err != nil {
		fmt.Fprintln(w, err)
		return
	}
	_, _ = w.Write(data) // a closed pipe is the reader's wish
	fmt.Fprintln(w)
	for _, key := range sortedKeys(c.Origins) {
		fmt.Fprintf(w, "# %-28s %s\n", key, c.Origins[key])
	}
}
