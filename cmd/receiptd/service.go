package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/service"
)

// serviceCommands are `receiptd service`.
type serviceCommands struct{ a *app }

func (g serviceCommands) command() *cobra.Command {
	cmd := g.a.group("service", "安装和控制系统服务", "Install and control the system service", g.install(), g.uninstall(),
		g.verb("start", g.a.say("启动服务", "Start the service"), g.a.say("已启动（%s）。", "started (%s)."), (*service.Manager).Start),
		g.verb("stop", g.a.say("停止服务；正在打的那张会等它的证明", "Stop the service; the slip on the wire has a moment to be proven"),
			g.a.say("已停止（%s）。", "stopped (%s)."), (*service.Manager).Stop),
		g.status())
	cmd.Long = g.a.say(hint.AboutService())
	cmd.Example = "  " + hint.Admin("receiptd service install") + "\n  " + hint.Admin("receiptd service start") + "\n  receiptd service status"
	return cmd
}

// install is `receiptd service install`.
func (g serviceCommands) install() *cobra.Command {
	cmd := g.verb("install", g.a.say("安装服务，开机自动启动（不马上启动）", "Install the service, to start with the system (does not start it now)"),
		g.a.say("下一步：编辑 %s，receiptd config check，再 receiptd service start。", "next: edit %s, receiptd config check, then receiptd service start."), (*service.Manager).Install)
	cmd.Long = g.a.say(hint.AboutInstall())
	cmd.Example = "  receiptd service install --dry-run\n  " + hint.Admin("receiptd service install")
	var dry bool
	cmd.Flags().BoolVar(&dry, "dry-run", false, g.a.say("只显示要写的服务、规则和文件夹", "only show the unit, rules and folders that it would write"))
	do := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !dry {
			return do(cmd, args)
		}
		m, err := g.manager()
		if err != nil {
			return g.fail("install", err)
		}
		plan, err := m.Plan(cmd.Context())
		if err != nil {
			return g.fail("install", err)
		}
		return g.a.print(plan, func(w io.Writer) { g.writePlan(w, plan) })
	}
	return cmd
}

// writePlan shows what an installation would do: each file with its text, then folders and commands.
func (g serviceCommands) writePlan(w io.Writer, p service.Plan) {
	for _, f := range p.Files {
		switch {
		case f.From != "":
			fmt.Fprintf(w, g.a.say("== 复制程序 %s -> %s (%04o)\n", "== copy the program %s -> %s (%04o)\n"), f.From, f.Path, f.Mode)
		case f.There:
			fmt.Fprintf(w, g.a.say("== 不变 %s\n", "== unchanged %s\n"), f.Path)
		default:
			fmt.Fprintf(w, g.a.say("== 写 %s (%04o)\n", "== write %s (%04o)\n"), f.Path, f.Mode)
		}
		fmt.Fprint(w, f.Text)
	}
	for _, f := range p.Remove {
		fmt.Fprintf(w, g.a.say("== 删除 %s\n", "== remove %s\n"), f)
	}
	fmt.Fprintln(w, g.a.say("== 文件夹", "== folders"))
	for _, f := range p.Folders {
		if f.There {
			fmt.Fprintf(w, g.a.say("已有 %s（服务要能%s）\n", "there  %s (the service must be able to %s it)\n"), f.Path, g.use(f.Writes))
			continue
		}
		fmt.Fprintf(w, g.a.say("新建 %s %s %s\n", "make   %s %s %s\n"), f.Path, f.Owner, f.ModeText())
	}
	fmt.Fprintln(w, g.a.say("== 命令", "== commands"))
	for _, c := range p.Commands {
		fmt.Fprintln(w, strings.Join(c, " "))
	}
}

// use words what the service does with a folder.
func (g serviceCommands) use(writes bool) string {
	if writes {
		return g.a.say("写", "write")
	}
	return g.a.say("读", "read")
}

// uninstall is `receiptd service uninstall`.
func (g serviceCommands) uninstall() *cobra.Command {
	purge := false
	cmd := g.verb("uninstall", g.a.say("停止并卸载服务；日志库和配置保留", "Stop and remove the service; journal and configuration stay"),
		g.a.say("服务已卸载；日志库还在。配置：%s", "the service is removed; the journal is still there. Configuration: %s"), func(m *service.Manager, ctx context.Context) error {
			if purge {
				return m.Purge(ctx)
			}
			return m.Uninstall(ctx)
		})
	cmd.Long = g.a.say("--purge 连同 receiptd 自己的东西一起删：配置、日志文件、口令、服务的改动、日志库的占位文件。日志库、备份和投递文件夹里的\n文件保留，并说明在哪里。",
		"--purge also removes what is receiptd's own: configuration, log files, secrets, drop-ins, the journal's ballast. The\njournal, its backups and what lies in the drop folder stay, and it says where.")
	cmd.Example = "  " + hint.Admin("receiptd service uninstall") + "\n  " + hint.Admin("receiptd service uninstall --purge")
	cmd.Flags().BoolVar(&purge, "purge", false, g.a.say("删除配置、日志文件、口令；日志库保留", "also remove configuration, log files and secrets; the journal stays"))
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
			file := m.ConfigFile()
			return g.a.print(map[string]string{"done": verb, "config": file}, func(w io.Writer) { fmt.Fprintf(w, done+"\n", file) })
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

// runFolder is made with each start of the service.
const runFolder = "/run/receiptd"

// serviceFolders are the folders that the service uses, with owner and mode as the packages make them (packaging/linux/tmpfiles.conf).
func serviceFolders(c *config.Config) []service.Folder {
	const daemon, admin = "receiptd", "root"
	list := []service.Folder{
		{Path: c.Data.Dir, Owner: daemon, Mode: 0o750, Writes: true},
		{Path: c.Spool.Dir, Owner: daemon, Mode: fs.ModeSetgid | 0o750, Writes: true},
		{Path: filepath.Join(c.Spool.Dir, "incoming"), Owner: daemon, Mode: fs.ModeSetgid | 0o770, Writes: true},
		{Path: filepath.Join(c.Spool.Dir, "results"), Owner: daemon, Mode: fs.ModeSetgid | 0o770, Writes: true},
	}
	if c.Log.File != "" {
		list = append(list, service.Folder{Path: filepath.Dir(c.Log.File), Owner: daemon, Mode: 0o750, Writes: true})
	}
	for _, x := range c.Captures {
		if dir := x.Folder(); dir != "" && dir != runFolder {
			list = append(list, service.Folder{Path: dir, Owner: daemon, Mode: 0o755, Writes: true})
		}
	}
	return append(list, service.Folder{Path: c.Templates.Dir, Owner: admin, Mode: 0o755})
}

// fail says what to do next.
func (g serviceCommands) fail(verb string, err error) error {
	var path *service.PathError
	var folder *service.FolderError
	switch {
	case errors.As(err, &path) && errors.Is(err, service.ErrHidden):
		return codeError{exitRefused, g.a.say(hint.Hidden(path.Path))}
	case errors.As(err, &folder):
		return codeError{exitRefused, g.a.say("服务的用户 receiptd 用不了 "+folder.Path+"（"+g.a.said(folder.Err)+"）。没有安装。运行：\n  "+folder.Command+"\n再装一次。",
			"the service's user receiptd cannot use "+folder.Path+" ("+g.a.said(folder.Err)+"). Nothing was installed. Run:\n  "+folder.Command+"\nthen install again.")}
	case errors.As(err, &path):
		return codeError{exitRefused, g.a.say("这个路径写不进服务的配置："+path.Path+"\n要从 / 写起，不含引号、反斜杠和换行。",
			"this path cannot be written into the service's unit: "+path.Path+"\nName it from /, without quotes, backslashes and line breaks.")}
	case errors.Is(err, service.ErrNeedRoot):
		return codeError{exitNotPermitted, g.a.say(hint.NeedAdmin("receiptd service " + verb))}
	case errors.Is(err, service.ErrNotInstalled):
		return codeError{exitNotFound, g.a.say("还没有安装服务："+hint.Admin("receiptd service install"), "the service is not installed: "+hint.Admin("receiptd service install"))}
	case errors.Is(err, service.ErrPackaged):
		return codeError{exitRefused, g.a.say(hint.Packaged())}
	case errors.Is(err, service.ErrNoManager):
		return codeError{exitFailed, g.a.say("这里没有能用的服务管理器；让你的启动程序运行：receiptd run。", "no service manager here that receiptd knows; let yours run: receiptd run.") + "\n" + g.a.said(err)}
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
					fmt.Fprintln(w, g.a.say("没有安装服务。安装：", "not installed. To install: ")+hint.Admin("receiptd service install"))
				case st.Running:
					fmt.Fprintln(w, g.a.say("正在运行。", "running."))
				default:
					fmt.Fprintf(w, g.a.say("没有运行（%s）。启动：%s\n", "not running (%s). To start: %s\n"), st.Detail, hint.Admin("receiptd service start"))
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
