package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/plain"
)

// deviceCommands are `receiptd device`, and `receiptd token` for programs.
type deviceCommands struct{ a *app }

func (g deviceCommands) device() *cobra.Command {
	return g.a.group("device", "平板和别的设备：配对、查看、撤销", "Tablets and other devices on the shop's network: pair, list, revoke", g.pair(), g.list(false), g.revoke(false), g.authority())
}

func (g deviceCommands) token() *cobra.Command {
	return g.a.group("token", "程序自己的口令", "Tokens of programs", g.add(), g.list(true), g.revoke(true))
}

// make asks the daemon for a new device or program.
func (g deviceCommands) make(ctx context.Context, d api.Device, pinFile string) (made api.NewDevice, err error) {
	for _, r := range d.Rights {
		switch {
		case slices.Contains(api.Rights, r):
		case slices.Contains(api.Allowable, r):
			return made, g.a.usage(r+" 不是权限：要补打权限（reprint），再在配置里写 [http] lan_allow = [\""+r+":"+d.Name+"\"]", r+" is no right: it takes the right reprint, and in the configuration [http] lan_allow = [\""+r+":"+d.Name+"\"]")
		default:
			zh, en := plain.Meant(r, api.Rights)
			return made, g.a.usage("--rights 没有 "+r+zh+"；可用："+strings.Join(api.Rights, ", "), "--rights has no "+r+en+"; there are: "+strings.Join(api.Rights, ", "))
		}
	}
	if err := g.free(ctx, d); err != nil {
		return made, err
	}
	c, pin, err := secrets(g).client(pinFile)
	if err != nil {
		return made, err
	}
	err = c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/devices", Body: d, Pin: pin}, &made)
	return made, err
}

// free refuses a name that another one has, and a device while the page is not on the network, before anybody looks for the PIN.
func (g deviceCommands) free(ctx context.Context, d api.Device) error {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return err
	}
	lan, err := ask[api.LAN](ctx, cfg, "/v1/lan")
	if err != nil {
		return err
	}
	if !d.Program && !lan.On {
		return codeError{exitRefused, g.notOn()}
	}
	for _, has := range lan.Devices {
		if strings.EqualFold(has.Name, d.Name) {
			return codeError{exitRefused, g.a.say("已经有一个叫 "+d.Name+" 的。换个名字，或先撤销那一个。", "one is called "+d.Name+" already. Take another name, or revoke that one first.")}
		}
	}
	return nil
}

func (g deviceCommands) notOn() string {
	return g.a.say("局域网上没有这个页面：在配置里写 [http] lan = true，重新启动。", "The page is not on the shop's network: write [http] lan = true into the configuration and restart.")
}

func (g deviceCommands) pair() *cobra.Command {
	var pinFile string
	var rights []string
	cmd := &cobra.Command{
		Use: "pair NAME", Short: g.a.say("给一台设备一个配对码（要主管密码）", "Give a device a code that pairs it (supervisor's PIN)"), Args: g.a.one("NAME"),
		Long: g.a.say("配对码只能用一次，五分钟有效。页面“设备”上还有二维码。要先在配置里写 [http] lan = true。",
			"The code works once, within five minutes. The page \"Devices\" shows it as a QR code too. [http] lan = true comes first."),
		Example: "  receiptd device pair \"kitchen tablet\" --rights look,reprint",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := g.make(cmd.Context(), api.Device{Name: args[0], Rights: rights}, pinFile)
			if err != nil {
				return err
			}
			if made.Pairing == nil {
				return errors.New("the daemon gave no code")
			}
			return g.a.print(made.Pairing, func(w io.Writer) {
				p := made.Pairing
				fmt.Fprintf(w, g.a.say("在设备的浏览器里打开，%s 前有效，只能用一次：\n", "open this in the device's browser, until %s, once:\n"), p.Until.In(g.a.zone).Format("15:04:05"))
				for _, link := range p.Links {
					fmt.Fprintln(w, "  "+link)
				}
				fmt.Fprintf(w, g.a.say("配对码：%s\n浏览器会警告，除非设备已信任这台收银机：receiptd device authority\n", "code: %s\nIts browser warns unless the device trusts this till: receiptd device authority\n"), p.Code)
			})
		},
	}
	cmd.Flags().StringSliceVar(&rights, "rights", []string{api.RightLook}, g.a.say("它可以：look（看）、reprint（补打等不用密码的）、drawer（开钱箱）", "what it may: look, reprint (what the counter does without a PIN), drawer (open the cash drawer)"))
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

func (g deviceCommands) add() *cobra.Command {
	var pinFile string
	var rights []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: g.a.say("给一个程序自己的口令（要主管密码）", "Give a program a token of its own (supervisor's PIN)"), Args: g.a.one("NAME"),
		Long: g.a.say("口令只显示这一次，receiptd 只存它的哈希。在本机和局域网上都能用，只能做权限内的事。",
			"The token is shown this once; receiptd keeps its hash. It holds at this machine and on the shop's network, for what its rights say."),
		Example: "  receiptd token add pos-2 --rights submit,look",
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := g.make(cmd.Context(), api.Device{Name: args[0], Program: true, Rights: rights}, pinFile)
			if err != nil {
				return err
			}
			return g.a.print(made, func(w io.Writer) { fmt.Fprintln(w, made.Token) })
		},
	}
	cmd.Flags().StringSliceVar(&rights, "rights", []string{api.RightSubmit, api.RightLook}, g.a.say("它可以：submit（送任务）、look（看）、reprint（补打等不用密码的）、drawer（开钱箱）", "what it may: submit jobs, look, reprint (what the counter does without a PIN), drawer (open the cash drawer)"))
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

// list lists devices, or programs with a token.
func (g deviceCommands) list(programs bool) *cobra.Command {
	short := g.a.say("列出配对的设备，以及局域网上的地址", "List the paired devices, and where the page is on the network")
	if programs {
		short = g.a.say("列出有口令的程序", "List the programs that have a token")
	}
	return &cobra.Command{
		Use: "list", Short: short, Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			lan, err := ask[api.LAN](cmd.Context(), cfg, "/v1/lan")
			if err != nil {
				return err
			}
			lan.Devices = slices.DeleteFunc(lan.Devices, func(d api.Device) bool { return d.Program != programs })
			if programs {
				return g.a.print(map[string]any{"devices": lan.Devices}, func(w io.Writer) { g.write(w, lan.Devices) })
			}
			return g.a.print(lan, func(w io.Writer) {
				if !lan.On {
					fmt.Fprintln(w, g.notOn())
				}
				for _, link := range lan.Links {
					fmt.Fprintln(w, link)
				}
				g.write(w, lan.Devices)
			})
		},
	}
}

func (g deviceCommands) write(w io.Writer, list []api.Device) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("一个也没有。", "There is none."))
		return
	}
	t := newTable(g.a.say("名字", "NAME"), g.a.say("权限", "RIGHTS"), g.a.say("从", "SINCE"), g.a.say("最近用过", "LAST SEEN"), "ID")
	for _, d := range list {
		seen := "-"
		if !d.Seen.IsZero() {
			seen = d.Seen.In(g.a.zone).Format("2006-01-02 15:04")
		}
		t.add(d.Name, strings.Join(d.Rights, ","), d.At.In(g.a.zone).Format(time.DateOnly), seen, d.ID)
	}
	t.write(w, "")
}

func (g deviceCommands) revoke(program bool) *cobra.Command {
	short := g.a.say("撤销一台设备，它打开的页面马上断开", "Revoke a device; what it has open is cut at once")
	if program {
		short = g.a.say("撤销一个程序的口令", "Revoke a program's token")
	}
	return &cobra.Command{
		Use: "revoke NAME", Short: short, Args: g.a.one("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var gone api.Device
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodDelete, Path: "/v1/devices/" + url.PathEscape(args[0])}, &gone); err != nil {
				return err
			}
			return g.a.print(gone, func(w io.Writer) { fmt.Fprintln(w, g.a.say("已撤销：", "revoked: ")+gone.Name) })
		},
	}
}

// anew makes another authority.
func (g deviceCommands) anew(ctx context.Context, cfg *config.Config, c *client.Client, pinFile string) error {
	lan, err := ask[api.LAN](ctx, cfg, "/v1/lan")
	if err != nil {
		return err
	}
	if lan.Fingerprint == "" {
		return codeError{exitRefused, g.noAuthority()}
	}
	pin, err := secrets(g).pinIf(true, pinFile)
	if err != nil {
		return err
	}
	return c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/lan/authority", Pin: pin}, nil)
}

func (g deviceCommands) noAuthority() string {
	return g.a.say("没有自己的根证书：局域网页面没开，或证书是给定的。", "There is no own authority: the page is not on the network, or its certificate is a given one.")
}

// authority writes the authority's certificate for devices to trust, or makes a new one.
func (g deviceCommands) authority() *cobra.Command {
	var out, pinFile string
	var anew bool
	cmd := &cobra.Command{
		Use: "authority", Short: g.a.say("根证书：指纹，写成文件给设备安装，或生成新的", "The page's authority: its fingerprint, its certificate as a file for devices, or a new one"), Args: g.a.none(),
		Long: g.a.say("设备装了根证书才信任这台收银机的页面。它只能证明这台机器自己的名字和地址。--new 生成新的，所有设备都要重新信任（要主管密码）。",
			"A device that has this certificate trusts the till's page. It can vouch for this machine's own names and addresses only. --new makes another one, which every device has to trust anew (supervisor's PIN)."),
		Example: "  receiptd device authority --out receiptd-ca.crt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
			if err != nil {
				return err
			}
			if out != "" { // before an authority is made that all devices have to trust anew
				f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE, 0o644)
				if err != nil {
					return fmt.Errorf("write the certificate: %w", err)
				}
				_ = f.Close() // nothing was written
			}
			if anew {
				if err := g.anew(cmd.Context(), cfg, c, pinFile); err != nil {
					return err
				}
			}
			lan, err := ask[api.LAN](cmd.Context(), cfg, "/v1/lan")
			if err != nil {
				return err
			}
			if out != "" {
				var der []byte
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/lan/authority"}, &der); err != nil {
					return err
				}
				if err := os.WriteFile(out, der, 0o644); err != nil {
					return fmt.Errorf("write the certificate: %w", err)
				}
			}
			return g.a.print(map[string]any{"fingerprint": lan.Fingerprint, "until": lan.Until, "file": out}, func(w io.Writer) {
				if lan.Fingerprint == "" {
					fmt.Fprintln(w, g.noAuthority())
					return
				}
				fmt.Fprintln(w, "SHA-256 "+lan.Fingerprint)
				if out != "" {
					fmt.Fprintln(w, out)
				}
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", g.a.say("把根证书写到这个文件", "write the certificate to this file"))
	cmd.Flags().BoolVar(&anew, "new", false, g.a.say("生成新的根证书", "make a new authority"))
	secrets(g).flag(cmd, &pinFile)
	return cmd
}
