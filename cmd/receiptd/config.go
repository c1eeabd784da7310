package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
)

// command is receiptd config.
func (g configFiles) command() *cobra.Command {
	return g.a.group("config", "检查和查看配置", "Check and show the configuration",
		g.check(), g.init(), g.example(), g.undo(),
		&cobra.Command{
			Use: "show", Short: g.a.say("列出每个值，以及从哪里来", "Show every value, and where it came from"), Args: g.a.none(),
			Long: g.a.say("参数高于环境变量（RECEIPTD_SPOOL_DIR 等），环境变量高于设置页写的文件（setup），那个高于配置文件（file），文件高于缺省值。receiptd 在运行时，最后说明哪些段改了还要等重新启动。",
				"A flag wins over the environment (RECEIPTD_SPOOL_DIR, ...), that over what the set-up page wrote (setup), that over the file,\nthat over the default. While receiptd runs, the end says of which sections a change waits for a restart."),
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, err := g.a.loadConfig()
				if err != nil {
					return err
				}
				waits, err := waitsForRestart(cmd.Context(), c)
				if err != nil {
					waits = nil // none runs, or the caller may not ask: then these values are what the next start takes
				}
				values, err := asInFile(c)
				if err != nil {
					return err
				}
				return g.a.print(map[string]any{"config": values, "origins": c.Origins, "path": c.Path, "setup": setupOf(c), "waits_for_restart": nonNil(waits)}, func(w io.Writer) {
					showConfig(w, c)
					if c.SetUp.Hidden != nil {
						g.a.complain(g.hiddenSetUp(c))
					}
					if len(waits) > 0 {
						fmt.Fprintf(w, g.a.say("\n# 还没生效，等重新启动：%s\n", "\n# not in force yet, waits for a restart: %s\n"), strings.Join(waits, ", "))
					}
				})
			},
		},
	)
}

// setupOf is the file that the set-up page wrote, "" when there is none.
func setupOf(c *config.Config) string {
	if c.SetUp.Data == nil {
		return ""
	}
	return c.SetUp.Path
}

// hiddenSetUp says that the caller does not see all of the configuration.
func (g configFiles) hiddenSetUp(c *config.Config) string {
	return g.a.say("设置页写的文件没有权限读，它的值没有算进来：", "what the set-up page wrote may not be read, so its values are missing here: ") + c.SetUp.Path + "\n" + g.a.say(hint.NeedAdmin("receiptd config show"))
}

// waitsForRestart asks the running daemon of which sections a change waits for a restart.
func waitsForRestart(ctx context.Context, cfg *config.Config) ([]string, error) {
	answer, err := ask[struct {
		Waits []string `json:"waits_for_restart"`
	}](ctx, cfg, "/v1/config")
	return answer.Waits, err
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
	if setup := setupOf(c); setup != "" {
		fmt.Fprintf(w, "# file:  %s\n# setup: %s\n", c.Path, setup)
	}
	for _, key := range sortedKeys(c.Origins) {
		fmt.Fprintf(w, "# %-28s %s\n", key, c.Origins[key])
	}
}
