package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// directLimit is how long a printer has to answer when no daemon knows it.
const directLimit = 5 * time.Second

// printerCommands are `receiptd printer`: find, watch, test and move printers.
type printerCommands struct{ a *app }

func (g printerCommands) command() *cobra.Command {
	return g.a.group("printer", "查找、查看、测试打印机", "Find, watch and test printers", g.list(), g.newStatus(), g.scan(),
		g.test(), g.probe(), g.pause(), g.resume(), g.move(), g.cancelWaiting(), g.jamCleared())
}

func (g printerCommands) list() *cobra.Command {
	var profiles bool
	cmd := &cobra.Command{
		Use: "list", Short: g.a.say("列出配置的打印机，或已知的型号", "List the configured printers, or the known profiles"), Args: g.a.none(),
		RunE: func(*cobra.Command, []string) error {
			if profiles {
				list := daemon.Profiles()
				return g.a.print(list, func(w io.Writer) { g.writeProfiles(w, list) })
			}
			c, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			list := make([]map[string]any, len(c.Printers))
			for i := range c.Printers {
				if list[i], err = asInFile(c.Printers[i]); err != nil {
					return err
				}
			}
			return g.a.print(list, func(w io.Writer) {
				if len(c.Printers) == 0 {
					g.none(w)
					return
				}
				t := newTable(g.a.say("名称", "NAME"), g.a.say("设备", "DEVICE"), g.a.say("型号", "PROFILE"), g.a.say("后备", "FAILOVER"))
				for _, p := range c.Printers {
					t.add(called(p.Name, p.Label), p.Device, p.Profile, p.Failover)
				}
				t.write(w, "")
			})
		},
	}
	cmd.Flags().BoolVar(&profiles, "profiles", false, g.a.say("列出可以写的型号：厂商、纸宽、点数、证据和说明", "list the profiles that a printer may name: maker, paper, dots, evidence and notes"))
	return cmd
}

// grades are how well a profile's facts are known.
var grades = map[string]job.Text{"documented": {Zh: "厂商文档", En: "maker's documents"}, "reported": {Zh: "用户报告", En: "users' reports"}, "assumed": {Zh: "保守假定", En: "careful assumptions"}}

// cutters are how printers cut, by what a profile says of it.
var cutters = map[string]job.Text{"": {Zh: "无", En: "none"}, "partial": {Zh: "半切", En: "partial"}, "full": {Zh: "全切", En: "full"}}

// writeProfiles lists the profiles, with their notes below each: they are long.
func (g printerCommands) writeProfiles(w io.Writer, list []api.Profile) {
	t := newTable(g.a.say("型号", "PROFILE"), g.a.say("厂商", "MAKER"), g.a.say("纸宽", "PAPER"), "DPI", g.a.say("每行格数", "CELLS"), g.a.say("切刀", "CUTTER"), g.a.say("汉字库", "CHINESE FONT"), g.a.say("证据", "EVIDENCE"))
	for i := range list {
		p := &list[i]
		grade, cutter := grades[p.Grade], cutters[p.Cutter]
		t.add(p.Name, p.Maker, fmt.Sprintf("%d mm", p.Millimetres()), fmt.Sprint(p.DPI), fmt.Sprint(p.Columns), g.a.say(cutter.Zh, cutter.En), g.a.say(map[bool]string{true: "有", false: "没有"}[p.Chinese], map[bool]string{true: "yes", false: "no"}[p.Chinese]), g.a.say(grade.Zh, grade.En))
	}
	t.write(w, "")
	fmt.Fprintln(w)
	for i := range list {
		fmt.Fprintf(w, "%s\n  %s\n", list[i].Name, g.a.say(list[i].NotesZh, list[i].Notes))
	}
}

func (g printerCommands) newStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status [NAME]", Short: g.a.say("打印机怎么样，该做什么", "Show how the printers are, and what to do"), Args: g.a.want("NAME", 0, 1),
		Long: g.a.say("问正在运行的 receiptd；没在运行就直接问打印机。有打印机没准备好时退出码是 5。",
			"Asks the daemon; when none runs, the printers themselves. The exit code is 5 when one of them is not ready."),
		Example:           "  receiptd printer status\n  receiptd printer status front --json",
		ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := g.status(cmd, args)
			if err != nil {
				return err
			}
			if err := g.a.print(map[string]any{"printers": nonNil(list)}, func(w io.Writer) { g.write(w, list) }); err != nil {
				return err
			}
			if len(list) == 0 {
				return codeError{code: exitNotReady}
			}
			for _, p := range list {
				if p.State == vocabulary.PrinterHeld || p.State == vocabulary.PrinterDown || p.State == vocabulary.PrinterUnknown {
					return codeError{code: exitNotReady}
				}
			}
			return nil
		},
	}
}

func (g printerCommands) status(cmd *cobra.Command, args []string) ([]api.Printer, error) {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return nil, err
	}
	var page api.Printers
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err == nil {
		err = c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/printers"}, &page)
	}
	if errors.Is(err, client.ErrUnreachable) {
		return g.directStatus(cmd, cfg, args)
	}
	if err != nil || len(args) == 0 {
		return page.Printers, err
	}
	unknown := &api.NoPrinterError{Name: args[0]}
	for _, p := range page.Printers {
		if p.Name == args[0] {
			return []api.Printer{p}, nil
		}
		unknown.Known = append(unknown.Known, p.Name)
	}
	return nil, unknown
}

// directStatus asks the printers themselves, all at once: one that does not answer keeps nobody waiting for the others.
func (g printerCommands) directStatus(cmd *cobra.Command, cfg *config.Config, args []string) ([]api.Printer, error) {
	if len(args) == 0 {
		for _, p := range cfg.Printers {
			args = append(args, p.Name)
		}
	}
	g.a.progress(g.a.say("receiptd 没在运行，直接问打印机", "no daemon runs; asking the printers themselves"))
	out, errs := make([]api.Printer, len(args)), make([]error, len(args))
	var asked sync.WaitGroup
	for i, name := range args {
		asked.Go(func() {
			x, err := daemon.OpenDirect(cmd.Context(), cfg, name, nil)
			if err != nil {
				errs[i] = err
				return
			}
			defer x.Close()
			out[i] = x.Status(cmd.Context(), directLimit)
		})
	}
	asked.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// tier says what a tier can prove. A printer whose ids come early proves no more than that it read.
func (l language) tier(tier vocabulary.Tier, early bool) string {
	word := func(code vocabulary.Tier) string {
		text := vocabulary.Word(vocabulary.KindTier, code)
		return l.say(text.Zh, text.En)
	}
	switch {
	case tier == "":
		return word("unknown")
	case early && tier == vocabulary.TierA:
		return string(tier) + " " + word("early")
	}
	return string(tier) + " " + word(tier)
}

// proven says what a printer can prove, as far as it has shown: before its first proof the tier is only what its profile says.
func (l language) proven(p *api.Printer) string {
	if p.LastProof.IsZero() && (p.State == vocabulary.PrinterUnknown || p.State == vocabulary.PrinterDown || p.Tier == vocabulary.TierA || p.Tier == vocabulary.TierB) {
		text := vocabulary.Word(vocabulary.KindTier, "unmeasured")
		return l.say(text.Zh, text.En)
	}
	return l.tier(p.Tier, p.Early)
}

// called is a printer's name, with what people call it.
func called(name, label string) string {
	if label == "" {
		return name
	}
	return name + " (" + label + ")"
}

// none says that there is no printer, and what to do.
func (g printerCommands) none(w io.Writer) {
	fmt.Fprintln(w, g.a.say("没有配置打印机：收到的小票都在等。在页面上设置（receiptd page，打开 /setup），或用 receiptd printer scan 找。",
		"No printer is configured: what is taken waits. Set one up on the page (receiptd page, then /setup), or look for one: receiptd printer scan."))
}

func (g printerCommands) write(w io.Writer, list []api.Printer) {
	if len(list) == 0 {
		g.none(w)
		return
	}
	t := newTable(g.a.say("名称", "NAME"), g.a.say("状态", "STATE"), g.a.say("从", "SINCE"), g.a.say("证明", "PROOF"), g.a.say("最近证明", "LAST PROOF"), g.a.say("缺纸分钟", "NO PAPER MIN"), g.a.say("说明", "WHAT TO DO")).numbers(5)
	for i := range list {
		p := &list[i]
		proven, since := "-", "-"
		if !p.LastProof.IsZero() {
			proven = p.LastProof.In(g.a.zone).Format("01-02 15:04:05")
		}
		if !p.Since.IsZero() {
			since = p.Since.In(g.a.zone).Format("01-02 15:04:05")
		}
		t.add(called(p.Name, p.Label), word(g.a.lang, vocabulary.KindPrinter, p.State), since, g.a.lang.proven(p), proven, fmt.Sprintf("%.0f", p.PaperOut/60), g.a.say(p.Text.Zh, p.Text.En))
	}
	t.write(w, "")
}

func (g printerCommands) move() *cobra.Command {
	var operator string
	cmd := &cobra.Command{
		Use: "move FROM TO", Short: g.a.say("把等着一台打印机的小票转到另一台", "Send what waits for a printer to another one"), Args: g.a.want("FROM TO", 2, 2),
		Long: g.a.say("给坏了的打印机用。已经往它发过一部分的那张变成不确定，请看过出纸口再回答（job resolve）。",
			"For a printer that died. The slip of which something had been sent becomes uncertain: look at the printer, then answer\nwith job resolve."),
		Example: "  receiptd printer move front back --operator 01", ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var out struct {
				From  string `json:"from"`
				To    string `json:"to"`
				Moved int    `json:"moved"`
			}
			path := "/v1/printers/" + url.PathEscape(args[0]) + "/move?" + url.Values{"to": {args[1]}, "operator_no": {operator}}.Encode()
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path}, &out); err != nil {
				return err
			}
			return g.a.print(out, func(w io.Writer) {
				fmt.Fprintf(w, g.a.say("%d 联从 %s 转到 %s\n", "%d copies moved from %s to %s\n"), out.Moved, out.From, out.To)
			})
		},
	}
	g.a.operatorFlag(cmd, &operator)
	return cmd
}

func (g printerCommands) jamCleared() *cobra.Command {
	return &cobra.Command{
		Use: "jam-cleared NAME", Short: g.a.say("切刀卡纸已取出，手已拿开", "Say that a cutter jam is cleared and fingers are out"), Args: g.a.one("NAME"),
		ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			path := "/v1/printers/" + url.PathEscape(args[0]) + "/jam-cleared"
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path}, nil); err != nil {
				return err
			}
			return g.a.print(map[string]string{"printer": args[0]}, func(w io.Writer) {
				fmt.Fprintln(w, g.a.say("已告诉打印机，它会接着打。", "The printer has been told; it goes on."))
			})
		},
	}
}

// names completes the configured printers.
func (g printerCommands) names(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := g.a.loadConfig()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, p := range c.Printers {
		names = append(names, p.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// complete lets a shell complete a printer's name after a flag.
func (g printerCommands) complete(cmd *cobra.Command, flag string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, g.names); err != nil {
		panic(err) // a flag that is not defined just above
	}
}

// only gives the printer that a command means: the one named, or the only one there is.
func (g printerCommands) only(cfg *config.Config, args []string) (string, error) {
	switch {
	case len(args) == 1:
		return args[0], nil
	case len(cfg.Printers) == 1:
		return cfg.Printers[0].Name, nil
	}
	return "", g.a.usage("有多台打印机，要写明是哪一台", "there are several printers: name one")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
