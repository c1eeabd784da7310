package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/hub/site"
	"github.com/receiptd/receiptd/hub/store"
	"github.com/receiptd/receiptd/internal/centre"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/internal/service"
	"github.com/receiptd/receiptd/packaging"
)

// hubCommands are `receiptd hub`, the centre of a fleet.
type hubCommands struct{ a *app }

func (g hubCommands) command() *cobra.Command {
	cmd := g.a.group("hub", "连锁总部：给门店发任务、看它们怎么样", "The centre of a fleet: sends jobs to shops and sees how they are", g.page(), g.sample(), g.unit(), g.check(), g.token())
	run := g.run()
	cmd.Long, cmd.Example, cmd.RunE = run.Long, run.Example, run.RunE
	return cmd
}

// path is the hub's file: what --config names, or the usual place.
func (g hubCommands) path() string {
	if g.a.configPath != config.DefaultPath {
		return g.a.configPath
	}
	return settings.DefaultPath
}

func (g hubCommands) load() (*settings.Hub, error) {
	h, err := settings.Load(g.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(codeError{exitInvalid, g.a.say("没有总部的配置文件 "+g.path()+"：用 receiptd hub config 显示样例，写好后用 --config 指明。",
			"there is no configuration of a hub at "+g.path()+": receiptd hub config shows a sample; name yours with --config.")}, fs.ErrNotExist)
	}
	return h, err
}

func (g hubCommands) client() (*client.Client, *settings.Hub, error) {
	h, err := g.load()
	if err != nil {
		return nil, nil, err
	}
	c, err := client.New([]string{h.Listen}, h.Data)
	return c, h, err
}

func (g hubCommands) run() *cobra.Command {
	return &cobra.Command{
		Long: g.a.say("连上 MQTT 服务器，给门店发任务，直到门店自己说收下了；存下门店的事件；开总部的页面和接口。配置是单独的文件（见 receiptd hub config）。",
			"Connects to the MQTT broker, sends jobs to shops until they themselves have said accepted, stores what they tell, and opens the\nhub's page and API. Its configuration is a file of its own: see receiptd hub config."),
		Example: "  receiptd hub --config " + settings.DefaultPath,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := g.load()
			if err != nil {
				return err
			}
			logger, closeLog, err := g.a.openLog(config.Log{Level: h.Log})
			if err != nil {
				return err
			}
			defer closeLog()
			o := centre.Options{Logger: logger, Version: version(), Ready: func() {
				_ = service.Notify("READY=1") // nobody may be there to tell
				if !g.a.quiet {
					fmt.Fprintln(g.a.stdout, g.a.say("总部已开始。页面的链接：receiptd hub page", "the hub runs. The link to its page: receiptd hub page"))
				}
			}}
			err = service.Serve(cmd.Context(), func(ctx context.Context) error { return centre.Run(ctx, h, o) })
			if errors.Is(err, store.ErrLocked) {
				return codeError{exitFailed, g.a.say("另一个总部在用 "+h.Data+"：先停掉它，或给这一个另写 data。", "another hub uses "+h.Data+": stop it first, or set another data folder for this one.")}
			}
			return err
		},
	}
}

func (g hubCommands) page() *cobra.Command {
	return &cobra.Command{
		Use: "page", Short: g.a.say("给出总部页面的链接", "Print the link to the hub's page"), Args: g.a.none(),
		RunE: func(*cobra.Command, []string) error {
			h, err := g.load()
			if err != nil {
				return err
			}
			key, err := centre.Secret(h.Data, centre.PageKeyFile)
			if err != nil {
				return err
			}
			here, elsewhere := centre.Links(h, key)
			out := map[string]string{"link": here}
			if elsewhere != "" {
				out["tls_link"] = elsewhere
			}
			return g.a.print(out, func(w io.Writer) {
				fmt.Fprintln(w, here)
				if elsewhere != "" {
					fmt.Fprintln(w, g.a.say("别的电脑上用：", "from elsewhere: ")+elsewhere)
				}
			})
		},
	}
}

func (g hubCommands) sample() *cobra.Command {
	return &cobra.Command{
		Use: "config", Short: g.a.say("显示总部配置文件的样例", "Print a sample of a hub's configuration"), Args: g.a.none(),
		RunE: func(*cobra.Command, []string) error {
			return g.a.print(map[string]string{"config": settings.Sample()}, func(w io.Writer) { fmt.Fprint(w, settings.Sample()) })
		},
	}
}

func (g hubCommands) unit() *cobra.Command {
	return &cobra.Command{
		Use: "unit", Short: g.a.say("显示总部的 systemd 服务文件", "Print the systemd unit of a hub"), Args: g.a.none(),
		Example: "  receiptd hub unit > /etc/systemd/system/receiptd-hub.service",
		RunE: func(*cobra.Command, []string) error {
			return g.a.print(map[string]string{"unit": packaging.HubUnit}, func(w io.Writer) { fmt.Fprint(w, packaging.HubUnit) })
		},
	}
}

func (g hubCommands) check() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: g.a.say("查一遍总部：配置、证书、文件夹、连接，怎么修", "Look at the hub: configuration, certificates, folders, its line, and what mends them"), Args: g.a.none(),
		Long: g.a.say("每个问题都给出修它的办法；有问题时退出码是 1。用总部的用户运行才看得出它能读能写什么。receiptd doctor 对着总部的配置也是这个检查。",
			"Every problem comes with what mends it; the exit code is 1 when there is one. Run as the hub's user it tells what that may read and\nwrite. receiptd doctor with a hub's configuration is the same."),
		Example: "  receiptd hub check",
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.examine(cmd.Context()) },
	}
}

// examine looks at the hub and tells.
func (g hubCommands) examine(ctx context.Context) error {
	o := doctor.HubOptions{Path: g.path()}
	o.Config, o.ConfigErr = settings.Load(o.Path)
	o.Status = func(ctx context.Context) (hub.Status, map[string]int, error) {
		ctx, cancel := context.WithTimeout(ctx, daemonTime)
		defer cancel()
		var st site.Status
		c, err := client.New([]string{o.Config.Listen}, o.Config.Data)
		if err == nil {
			err = c.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/status"}, &st)
		}
		return st.Status, st.Shops, err
	}
	list := doctor.RunHub(ctx, o)
	if err := g.a.print(nonNil(list), func(w io.Writer) { fmt.Fprint(w, doctor.Text(list, string(g.a.lang))) }); err != nil {
		return err
	}
	if doctor.Bad(list) {
		return codeError{code: exitFailed}
	}
	return nil
}

func (g hubCommands) token() *cobra.Command {
	return g.a.group("token", "程序用总部接口的口令", "Tokens of programs for the hub's API", g.addToken(), g.listTokens(), g.revokeToken())
}

func (g hubCommands) addToken() *cobra.Command {
	var rights []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: g.a.say("给一个程序一个口令，只显示这一次", "Give a program a token, shown this once"), Args: g.a.one("NAME"),
		Example: "  receiptd hub token add ordering --rights submit,look",
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, r := range rights {
				if !slices.Contains(api.Rights, r) {
					return g.a.usage("--rights 没有 "+r+"；可用："+strings.Join(api.Rights, ", "), "--rights has no "+r+"; there are: "+strings.Join(api.Rights, ", "))
				}
			}
			c, _, err := g.client()
			if err != nil {
				return err
			}
			var made struct {
				api.Device
				Token string `json:"token"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/tokens", Body: api.Device{Name: args[0], Rights: rights}}, &made); err != nil {
				return err
			}
			return g.a.print(made, func(w io.Writer) { fmt.Fprintln(w, made.Token) })
		},
	}
	cmd.Flags().StringSliceVar(&rights, "rights", []string{api.RightLook, api.RightSubmit}, g.a.say("它可以：look（看）、submit（发任务）、reprint（命令）", "what it may: look, submit (send jobs), reprint (commands)"))
	return cmd
}

func (g hubCommands) listTokens() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: g.a.say("列出口令", "List the tokens"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := g.client()
			if err != nil {
				return err
			}
			var list struct {
				Tokens []api.Device `json:"tokens"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/tokens"}, &list); err != nil {
				return err
			}
			return g.a.print(map[string]any{"tokens": nonNil(list.Tokens)}, func(w io.Writer) {
				for _, d := range list.Tokens {
					fmt.Fprintf(w, "%s  %s  %s\n", d.ID, d.Name, strings.Join(d.Rights, ","))
				}
			})
		},
	}
}

func (g hubCommands) revokeToken() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: g.a.say("撤销一个口令，立刻生效", "Revoke a token, at once"), Args: g.a.one("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, _, err := g.client()
			if err != nil {
				return err
			}
			var gone api.Device
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodDelete, Path: "/v1/tokens/" + url.PathEscape(args[0])}, &gone); err != nil {
				return err
			}
			return g.a.print(gone, func(w io.Writer) { fmt.Fprintln(w, g.a.say("已撤销 ", "revoked ")+gone.Name) })
		},
	}
}
