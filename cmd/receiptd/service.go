package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/service"
)

// serviceCommands are `receiptd service`.
type serviceCommands struct{ a *app }

func (g serviceCommands) command() *cobra.Command {
	cmd := &cobra.Command{
		Use: "service", Short: g.a.say("安装和控制系统服务", "Install and control the system service"),
		Long: g.a.say("让 receiptd 随系统启动：Linux 用 systemd，Windows 用服务管理器（实验性，还没在真机上跑过）。要管理员权限。\n卸载不删配置、日志库和投递文件夹。",
			"Lets receiptd start with the system: systemd on Linux, the service manager on Windows (experimental: not yet run on a\nreal one). Needs an administrator. Uninstalling keeps configuration, journal and drop folder."),
		Example: "  sudo receiptd service install\n  sudo receiptd service start\n  receiptd service status",
	}
	cmd.AddCommand(
		g.verb("install", g.a.say("安装服务，开机自动启动（不马上启动）", "Install the service, to start with the system (does not start it now)"),
			g.a.say("下一步：编辑 %s，receiptd config check，再 receiptd service start。", "next: edit %s, receiptd config check, then receiptd service start."), (*service.Manager).Install),
		g.verb("uninstall", g.a.say("停止并卸载服务；日志库和配置保留", "Stop and remove the service; journal and configuration stay"),
			g.a.say("服务已卸载；日志库和配置（%s）还在。", "the service is removed; the journal and the configuration (%s) are still there."), (*service.Manager).Uninstall),
		g.verb("start", g.a.say("启动服务", "Start the service"), g.a.say("已启动（%s）。", "started (%s)."), (*service.Manager).Start),
		g.verb("stop", g.a.say("停止服务；正在打的那张会等它的证明", "Stop the service; the slip on the wire has a moment to be proven"),
			g.a.say("已停止（%s）。", "stopped (%s)."), (*service.Manager).Stop),
		g.status())
	return cmd
}

// verb makes a command that changes something. done has a place for the configuration's name.
func (g serviceCommands) verb(verb, short, done string, do func(*service.Manager, context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: verb, Short: short, Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := g.manager()
			if err == nil {
				err = do(m, cmd.Context())
			}
			if err != nil {
				return g.fail(verb, err)
			}
			return g.a.print(map[string]string{"done": verb}, func(w io.Writer) { fmt.Fprintf(w, done+"\n", g.a.configPath) })
		},
	}
}

// manager describes this installation to the service manager.
func (g serviceCommands) manager() (*service.Manager, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = filepath.EvalSymlinks(exe)
	}
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	o := service.Options{Executable: exe, Tell: func(zh, en string) {
		if !g.a.quiet && !g.a.json {
			fmt.Fprintln(g.a.stdout, g.a.say(zh, en))
		}
	}}
	if g.a.configPath != config.DefaultPath {
		if o.Config, err = filepath.Abs(g.a.configPath); err != nil {
			return nil, fmt.Errorf("find the configuration: %w", err)
		}
	}
	if c, err := g.a.loadConfig(); err == nil { // a broken configuration can be mended after the installation
		o.Folders = serviceFolders(c)
	}
	return service.New(o)
}

// serviceFolders are the folders that the service writes.
func serviceFolders(c *config.Config) []string {
	folders := []string{c.Spool.Dir, c.Data.Dir}
	if c.Log.File != "" {
		folders = append(folders, filepath.Dir(c.Log.File))
	}
	return folders
}

// fail says what to do next.
func (g serviceCommands) fail(verb string, err error) error {
	var path *service.PathError
	switch {
	case errors.As(err, &path) && errors.Is(err, service.ErrHidden):
		return codeError{exitRefused, g.a.say("系统服务看不到 "+path.Path+"：/home、/root、/run/user、/tmp、/var/tmp 对它是关着的。\n配置放到 /etc/receiptd/，文件夹放到 /var 或 /srv 下，再装一次。",
			"the system service cannot see "+path.Path+": /home, /root, /run/user, /tmp and /var/tmp are closed to it.\nPut the configuration into /etc/receiptd/ and the folders below /var or /srv, then install again.")}
	case errors.As(err, &path):
		return codeError{exitRefused, g.a.say("这个路径写不进服务的配置："+path.Path+"\n要从 / 写起，不含引号、反斜杠和换行。",
			"this path cannot be written into the service's unit: "+path.Path+"\nName it from /, without quotes, backslashes and line breaks.")}
	case errors.Is(err, service.ErrNeedRoot):
		return codeError{exitNotPermitted, g.a.say("要管理员权限：sudo receiptd service "+verb+"（Windows：以管理员身份运行命令行）。",
			"this needs an administrator: sudo receiptd service "+verb+" (on Windows: run the command line as administrator).")}
	case errors.Is(err, service.ErrNotInstalled):
		return codeError{exitNotFound, g.a.say("还没有安装服务：sudo receiptd service install。", "the service is not installed: sudo receiptd service install.")}
	case errors.Is(err, service.ErrPackaged):
		return codeError{exitRefused, g.a.say("receiptd 是用软件包安装的：sudo apt remove receiptd 或 sudo dnf remove receiptd（日志库和配置保留）。",
			"receiptd came with a package: sudo apt remove receiptd, or sudo dnf remove receiptd (journal and configuration stay).")}
	case errors.Is(err, service.ErrNoManager):
		return codeError{exitFailed, g.a.say("这里没有能用的服务管理器；让你的启动程序运行：receiptd run。", "no service manager here that receiptd knows; let yours run: receiptd run.") + "\n" + err.Error()}
	}
	return err
}

func (g serviceCommands) status() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: g.a.say("服务装了没有、在不在运行", "Show whether the service is installed and runs"), Args: g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := g.manager()
			if err != nil {
				return g.fail("status", err)
			}
			st, err := m.Status(cmd.Context())
			if err != nil {
				return err
			}
			if err := g.a.print(st, func(w io.Writer) {
				switch {
				case !st.Installed:
					fmt.Fprintln(w, g.a.say("没有安装服务。安装：sudo receiptd service install", "not installed. To install: sudo receiptd service install"))
				case st.Running:
					fmt.Fprintln(w, g.a.say("正在运行。", "running."))
				default:
					fmt.Fprintf(w, g.a.say("没有运行（%s）。启动：sudo receiptd service start\n", "not running (%s). To start: sudo receiptd service start\n"), st.Detail)
				}
			}); err != nil {
				return err
			}
			if !st.Installed {
				return codeError{code: exitNotFound}
			}
			if !st.Running {
				return codeError{code: exitNotReady}
			}
			return nil
		},
	}
}
