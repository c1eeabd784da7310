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

func newServiceCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "service", Short: a.say("安装和控制系统服务", "Install and control the system service"),
		Long: a.say("让 receiptd 随系统启动：Linux 用 systemd，Windows 用服务管理器（实验性，还没在真机上跑过）。要管理员权限。\n卸载不删配置、日志库和投递文件夹。",
			"Lets receiptd start with the system: systemd on Linux, the service manager on Windows (experimental: not yet run on a\nreal one). Needs an administrator. Uninstalling keeps configuration, journal and drop folder."),
		Example: "  sudo receiptd service install\n  sudo receiptd service start\n  receiptd service status",
	}
	cmd.AddCommand(
		a.serviceVerb("install", a.say("安装服务，开机自动启动（不马上启动）", "Install the service, to start with the system (does not start it now)"),
			a.say("下一步：编辑 %s，receiptd config check，再 receiptd service start。", "next: edit %s, receiptd config check, then receiptd service start."), (*service.Manager).Install),
		a.serviceVerb("uninstall", a.say("停止并卸载服务；日志库和配置保留", "Stop and remove the service; journal and configuration stay"),
			a.say("服务已卸载；日志库和配置（%s）还在。", "the service is removed; the journal and the configuration (%s) are still there."), (*service.Manager).Uninstall),
		a.serviceVerb("start", a.say("启动服务", "Start the service"), a.say("已启动（%s）。", "started (%s)."), (*service.Manager).Start),
		a.serviceVerb("stop", a.say("停止服务；正在打的那张会等它的证明", "Stop the service; the slip on the wire has a moment to be proven"),
			a.say("已停止（%s）。", "stopped (%s)."), (*service.Manager).Stop),
		newServiceStatus(a))
	return cmd
}

// serviceVerb makes a command that changes something. done has a place for the configuration's name.
func (a *app) serviceVerb(verb, short, done string, do func(*service.Manager, context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: verb, Short: short, Args: a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.serviceManager()
			if err == nil {
				err = do(m, cmd.Context())
			}
			if err != nil {
				return a.serviceError(verb, err)
			}
			return a.print(map[string]string{"done": verb}, func(w io.Writer) { fmt.Fprintf(w, done+"\n", a.configPath) })
		},
	}
}

// serviceManager describes this installation to the service manager.
func (a *app) serviceManager() (*service.Manager, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = filepath.EvalSymlinks(exe)
	}
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	o := service.Options{Executable: exe, Tell: func(zh, en string) {
		if !a.quiet && !a.json {
			fmt.Fprintln(a.stdout, a.say(zh, en))
		}
	}}
	if a.configPath != config.DefaultPath {
		if o.Config, err = filepath.Abs(a.configPath); err != nil {
			return nil, fmt.Errorf("find the configuration: %w", err)
		}
	}
	if c, err := a.loadConfig(); err == nil { // a broken configuration can be mended after the installation
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

// serviceError says what to do next.
func (a *app) serviceError(verb string, err error) error {
	var path *service.PathError
	switch {
	case errors.As(err, &path) && errors.Is(err, service.ErrHidden):
		return codeError{exitRefused, a.say("系统服务看不到 "+path.Path+"：/home、/root、/run/user、/tmp、/var/tmp 对它是关着的。\n配置放到 /etc/receiptd/，文件夹放到 /var 或 /srv 下，再装一次。",
			"the system service cannot see "+path.Path+": /home, /root, /run/user, /tmp and /var/tmp are closed to it.\nPut the configuration into /etc/receiptd/ and the folders below /var or /srv, then install again.")}
	case errors.As(err, &path):
		return codeError{exitRefused, a.say("这个路径写不进服务的配置："+path.Path+"\n要从 / 写起，不含引号、反斜杠和换行。",
			"this path cannot be written into the service's unit: "+path.Path+"\nName it from /, without quotes, backslashes and line breaks.")}
	case errors.Is(err, service.ErrNeedRoot):
		return codeError{exitNotPermitted, a.say("要管理员权限：sudo receiptd service "+verb+"（Windows：以管理员身份运行命令行）。",
			"this needs an administrator: sudo receiptd service "+verb+" (on Windows: run the command line as administrator).")}
	case errors.Is(err, service.ErrNotInstalled):
		return codeError{exitNotFound, a.say("还没有安装服务：sudo receiptd service install。", "the service is not installed: sudo receiptd service install.")}
	case errors.Is(err, service.ErrPackaged):
		return codeError{exitRefused, a.say("receiptd 是用软件包安装的：sudo apt remove receiptd 或 sudo dnf remove receiptd（日志库和配置保留）。",
			"receiptd came with a package: sudo apt remove receiptd, or sudo dnf remove receiptd (journal and configuration stay).")}
	case errors.Is(err, service.ErrNoManager):
		return codeError{exitFailed, a.say("这里没有能用的服务管理器；让你的启动程序运行：receiptd run。", "no service manager here that receiptd knows; let yours run: receiptd run.") + "\n" + err.Error()}
	}
	return err
}

func newServiceStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: a.say("服务装了没有、在不在运行", "Show whether the service is installed and runs"), Args: a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.serviceManager()
			if err != nil {
				return a.serviceError("status", err)
			}
			st, err := m.Status(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.print(st, func(w io.Writer) {
				switch {
				case !st.Installed:
					fmt.Fprintln(w, a.say("没有安装服务。安装：sudo receiptd service install", "not installed. To install: sudo receiptd service install"))
				case st.Running:
					fmt.Fprintln(w, a.say("正在运行。", "running."))
				default:
					fmt.Fprintf(w, a.say("没有运行（%s）。启动：sudo receiptd service start\n", "not running (%s). To start: sudo receiptd service start\n"), st.Detail)
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
