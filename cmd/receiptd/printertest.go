package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

func (g printerCommands) test() *cobra.Command {
	return &cobra.Command{
		Use: "test [NAME]", Short: g.a.say("打一张测试页：标尺、字符、中文、二维码、切纸", "Print a test page: ruler, characters, Chinese, codes, cut"), Args: g.a.want("NAME", 0, 1),
		Long: g.a.say("通过正在运行的 receiptd 打；没在运行就直接打。测试页不是凭证，不记账。",
			"Through the daemon when it runs, else straight on the device. The page is no receipt and is not journalled."),
		Example: "  receiptd printer test front", ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			var r api.TestPage
			err := g.onPrinter(cmd, args, func(c *client.Client, name string) error {
				return c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/printers/" + url.PathEscape(name) + "/test"}, &r)
			}, func(x *daemon.Direct) (err error) {
				r, err = x.Test(cmd.Context())
				return err
			})
			if err != nil {
				return err
			}
			if err := g.a.print(r, func(w io.Writer) { g.writeTest(w, r) }); err != nil {
				return err
			}
			if r.State == vocabulary.StateUncertain {
				return codeError{exitUncertain, g.a.say("不能确定测试页出没出纸，请看打印机。", "it is not known whether the page came out. Look at the printer.")}
			}
			return nil
		},
	}
}

func (g printerCommands) writeTest(w io.Writer, r api.TestPage) {
	fmt.Fprintf(w, "%s: %s  %s\n", r.Printer, word(g.a.lang, vocabulary.KindState, r.State), g.a.lang.tier(r.Tier, r.State == vocabulary.StateProcessed))
	if r.Alarm != "" {
		fmt.Fprintln(w, "  ! "+g.a.say(queue.DetailZh(r.Alarm), r.Alarm))
	}
	fmt.Fprintln(w, g.a.say("看测试页：\n  左右两边的 < > 都在？缺了就把 width 改小。\n  中文和 € 对不对？不对就换 profile。\n  那行小号数字是不是一行？不是：打印机没有小字体，见故障排除。\n  整张空白？把纸卷翻过来。\n  没有切断？profile 选没有切刀的，或看切刀。",
		"Look at the page:\n  Are both < and > there? If not, make width smaller.\n  Are the Chinese and the € right? If not, use another profile.\n  Is the row of small digits one row? If not, the printer has no small font: see troubleshooting.\n  Is it blank? Turn the roll over.\n  Is it not cut? Take a profile without a cutter, or look at the cutter."))
}

func (g printerCommands) probe() *cobra.Command {
	var cover bool
	var record string
	cmd := &cobra.Command{
		Use: "probe [NAME]", Short: g.a.say("测打印机能给出哪种证明（出纸 20 厘米）", "Measure which proof the printer gives (prints 20 cm)"), Args: g.a.want("NAME", 0, 1),
		Long: g.a.say("打 20 厘米，看它的回答是不是等机芯打完才来，结果记在这台设备上。--cover 再请你开合一次盖子：盖子开着时不应有证明。",
			"Prints 20 cm and sees whether the answer waits for the mechanism; the result is remembered for the device. --cover also\n"+
				"asks you to open and close the cover: while it is open no proof may come."),
		Example: "  receiptd printer probe front\n  receiptd printer probe front --cover\n  receiptd printer probe front --record front.jsonl", ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if record != "" {
				return g.recordProbe(cmd, args, cover, record)
			}
			var r api.Probe
			err := g.onPrinter(cmd, args, func(c *client.Client, name string) (err error) {
				r, err = g.probeThrough(cmd.Context(), c, name, cover)
				return err
			}, func(x *daemon.Direct) (err error) {
				r, err = x.Probe(cmd.Context(), cover, g.probeStep)
				return err
			})
			if err != nil {
				return err
			}
			return g.a.print(r, func(w io.Writer) { g.writeProbe(w, r) })
		},
	}
	cmd.Flags().BoolVar(&cover, "cover", false, g.a.say("再请人开合一次盖子", "also ask a person to open and close the cover"))
	cmd.Flags().StringVar(&record, "record", "", g.a.say("把线上的字节、时间和回答记进这个文件（没有小票内容，序列号是散列）；receiptd 要先停下",
		"write bytes, times and answers on the line into this file (no slip data, serial numbers hashed); receiptd must be stopped"))
	return cmd
}

// onPrinter does something through the daemon, or straight on the device when none runs.
func (g printerCommands) onPrinter(cmd *cobra.Command, args []string, through func(*client.Client, string) error, direct func(*daemon.Direct) error) error {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return err
	}
	name, err := g.only(cfg, args)
	if err != nil {
		return err
	}
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err == nil {
		err = through(c, name)
	}
	if !errors.Is(err, client.ErrUnreachable) {
		return err
	}
	return g.onDevice(cmd, cfg, name, direct)
}

// onDevice does it on the device itself.
func (g printerCommands) onDevice(cmd *cobra.Command, cfg *config.Config, name string, direct func(*daemon.Direct) error) error {
	x, err := daemon.OpenDirect(cmd.Context(), cfg, name, nil)
	if err != nil {
		return err
	}
	defer x.Close()
	g.a.progress(g.a.say("receiptd 没在运行，直接用打印机", "no daemon runs; using the printer itself"))
	return direct(x)
}

// probeSteps tell the person at the printer what to do.
var probeSteps = map[string]job.Text{
	"printing":    {Zh: "正在打 20 厘米……", En: "printing 20 cm ..."},
	"open_cover":  {Zh: "请打开打印机盖子", En: "now open the printer's cover"},
	"listening":   {Zh: "先别合上……", En: "leave it open ..."},
	"close_cover": {Zh: "请合上盖子", En: "now close it"},
}

func (g printerCommands) probeStep(step string) {
	text := probeSteps[step]
	g.a.progress(g.a.say(text.Zh, text.En))
}

// probeThrough lets the daemon probe and tells the steps as they come.
func (g printerCommands) probeThrough(ctx context.Context, c *client.Client, name string, cover bool) (api.Probe, error) {
	path := "/v1/printers/" + url.PathEscape(name) + "/probe"
	if cover {
		path += "?cover=1"
	}
	lines := &probeLines{step: g.probeStep}
	if err := c.Stream(ctx, client.Call{Method: http.MethodPost, Path: path}, lines); err != nil {
		return api.Probe{}, err
	}
	if lines.failed != nil {
		return api.Probe{}, &client.Refusal{Status: http.StatusConflict, Problems: []job.Problem{*lines.failed}}
	}
	if lines.result == nil {
		return api.Probe{}, errors.New("the daemon's answer has no result")
	}
	return *lines.result, nil
}

// probeLines takes the daemon's lines apart as they come.
type probeLines struct {
	buf    []byte
	step   func(string)
	result *api.Probe
	failed *job.Problem
}

// Write takes a part of the stream.
func (p *probeLines) Write(data []byte) (int, error) {
	p.buf = append(p.buf, data...)
	for {
		line, rest, ok := bytes.Cut(p.buf, []byte("\n"))
		if !ok {
			return len(data), nil
		}
		var v struct {
			Step   string       `json:"step"`
			Result *api.Probe   `json:"result"`
			Error  *job.Problem `json:"error"`
		}
		if err := json.Unmarshal(line, &v); err != nil {
			return 0, fmt.Errorf("read the daemon's line: %w", err)
		}
		if v.Step != "" {
			p.step(v.Step)
		}
		p.result, p.failed = v.Result, v.Error
		p.buf = rest
	}
}

func (g printerCommands) writeProbe(w io.Writer, r api.Probe) {
	fmt.Fprintf(w, "%s: %s\n", r.Printer, g.a.lang.tier(r.Tier, r.Early))
	if r.Took > 0 {
		fmt.Fprintf(w, g.a.say("  证明在 %.1f 秒后到；机芯至少要 %.1f 秒\n", "  the proof came after %.1f s; the mechanism needs at least %.1f s\n"), r.Took, r.Least)
	}
	if r.Early {
		fmt.Fprintln(w, g.a.say("  没有量到它等出纸：只算“已处理”，不算“已打印”。", "  it was not seen to wait for the paper: it counts as processed, not as printed."))
	}
	if r.Cover {
		fmt.Fprintln(w, g.a.say("  盖子开着时：", "  with the cover open: ")+map[bool]string{true: g.a.say("没有证明，对", "no proof, as it should be"), false: g.a.say("也来了证明，不可信", "a proof came: not to be trusted")}[r.Silent])
	}
	if !r.Auto && r.Tier != vocabulary.TierD {
		fmt.Fprintln(w, g.a.say("  它不会自动报告状态，receiptd 会主动问。", "  it does not tell of changes by itself; receiptd asks."))
	}
}
