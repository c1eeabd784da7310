package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
)

// A pageCommand is receiptd page.
type pageCommand struct{ a *app }

func (g pageCommand) command() *cobra.Command {
	var open bool
	cmd := &cobra.Command{
		Use: "page", Short: g.a.say("给出柜台页面的配对链接（--open 直接打开）", "Print the counter page's pairing link (--open opens it)"), Args: g.a.none(),
		Long: g.a.say("在收银机的浏览器里打开一次这个链接，以后直接用书签。链接等于钥匙，不要发给别人。",
			"Open the link once in the counter's browser; a bookmark does from then on. The link is a key: keep it in the shop."),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
			if err != nil {
				return err
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/healthz"}, nil); err != nil {
				return err
			}
			key, err := os.ReadFile(filepath.Join(cfg.Data.Dir, "page-key"))
			if err != nil {
				return fmt.Errorf("read pairing key: %w", err)
			}
			link := c.Base() + "/pair?key=" + url.QueryEscape(strings.TrimSpace(string(key)))
			if open {
				if err := openBrowser(cmd.Context(), link); err != nil {
					g.a.complain(g.a.say("打不开浏览器，请自己打开下面的链接：", "no browser could be started; open this link: ") + g.a.said(err))
				}
			}
			return g.a.print(map[string]string{"url": link}, func(w io.Writer) { fmt.Fprintln(w, link) })
		},
	}
	cmd.Flags().BoolVar(&open, "open", false, g.a.say("在浏览器里打开", "open it in the browser"))
	return cmd
}

// shownLink is the pairing link as it may stand where output goes: whole on a screen, and without its key in a file or a
// service's log, which others read too and which is kept.
func (a *app) shownLink(link string) string {
	if f, ok := a.stdout.(interface{ Fd() uintptr }); ok && isatty.IsTerminal(f.Fd()) {
		return link
	}
	page, _, _ := strings.Cut(link, "pair?")
	return page + a.say("（配对链接用 receiptd page 取）", " (receiptd page gives the link that pairs a browser)")
}

// openBrowser starts the system's browser and does not wait for it.
func openBrowser(ctx context.Context, link string) error {
	name, args := "xdg-open", []string{link}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", link}
	case "darwin":
		name = "open"
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
