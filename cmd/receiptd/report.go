package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/report"
)

// reportCommands are `receiptd report`.
type reportCommands struct{ a *app }

func (g reportCommands) command() *cobra.Command {
	return g.a.group("report", "一天或一个批次的报告", "A report of a day or a batch", g.day(), g.batch())
}

// reportFlags say in which form a report is wanted.
type reportFlags struct {
	csv, pdf, print bool
	out, printer    string
}

func (g reportCommands) flags(cmd *cobra.Command, f *reportFlags) *cobra.Command {
	fl := cmd.Flags()
	fl.BoolVar(&f.csv, "csv", false, g.a.say("写成 CSV", "as CSV"))
	fl.BoolVar(&f.pdf, "pdf", false, g.a.say("写成 PDF（要 -o）", "as PDF (takes -o)"))
	fl.BoolVar(&f.print, "print", false, g.a.say("在小票打印机上打出来", "print it on a receipt printer"))
	fl.StringVarP(&f.out, "output", "o", "", g.a.say("文件名（不写：标准输出）", "file (default: standard output)"))
	fl.StringVar(&f.printer, "printer", "", g.a.say("和 --print 一起：在哪台打印", "with --print: on which printer"))
	cmd.MarkFlagsMutuallyExclusive("csv", "pdf", "print")
	return cmd
}

const (
	reportZh = "小票按类型和币种（带正负号的合计）、结算时终端说的、撤销/冲正/结果未知、各操作员的补打、没打清楚的后来怎样、打印机不好用的分钟和用纸。\n只复述终端和人说过的，对不上的写出来；钱以终端的结算为准。"
	reportEn = "Slips by type and currency with signed sums, what the terminal said at settlement, what was voided, reversed or is\nunknown, reprints by operator, how uncertain ones ended, and each printer's bad minutes and paper. It repeats what\nterminals and people said and shows where they differ; the terminal's settlement is what counts."
)

func (g reportCommands) day() *cobra.Command {
	var f reportFlags
	return g.flags(&cobra.Command{
		Use: "day [DAY]", Short: g.a.say("一天的报告（不写：今天）", "The report of a day (default: today)"), Long: g.a.say(reportZh, reportEn),
		Example: "  receiptd report day\n  receiptd report day 2026-08-11 --csv -o day.csv\n  receiptd report day 2026-08-11 --print",
		Args:    g.a.want("DAY", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			of := url.Values{}
			if len(args) > 0 {
				of.Set("day", args[0])
			}
			return g.run(cmd, of, &f)
		},
	}, &f)
}

func (g reportCommands) batch() *cobra.Command {
	var f reportFlags
	return g.flags(&cobra.Command{
		Use: "batch BATCH", Short: g.a.say("一个批次的报告", "The report of a batch"), Long: g.a.say(reportZh, reportEn),
		Example: "  receiptd report batch 000122\n  receiptd report batch 000122 --pdf -o 000122.pdf", Args: g.a.one("BATCH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			b, err := batchCommands(g).find(cmd.Context(), c, args[0])
			if err != nil {
				return err
			}
			return g.run(cmd, url.Values{"batch": {strconv.FormatInt(b.ID, 10)}}, &f)
		},
	}, &f)
}

func (g reportCommands) run(cmd *cobra.Command, of url.Values, f *reportFlags) error {
	c, err := g.a.client()
	if err != nil {
		return err
	}
	lang := "en"
	if g.a.lang == "zh" {
		lang = "zh-CN"
	}
	switch {
	case f.print:
		return g.print(cmd, c, of, f, lang)
	case f.csv, f.pdf:
		of.Set("format", "csv")
		if f.pdf {
			of.Set("format", "pdf")
			of.Set("lang", lang)
		}
		call := client.Call{Method: http.MethodGet, Path: "/v1/report?" + of.Encode()}
		if f.out == "" && f.pdf {
			return g.a.usage("PDF 要写到文件：-o report.pdf（- 是标准输出）", "a PDF goes to a file: -o report.pdf (- is standard output)")
		}
		if f.out == "" || f.out == "-" {
			return c.Stream(cmd.Context(), call, g.a.stdout)
		}
		n, err := journalCommands(g).download(cmd, c, call, f.out, os.O_TRUNC)
		if err != nil {
			return err
		}
		return g.a.print(map[string]any{"file": f.out, "bytes": n}, func(w io.Writer) { fmt.Fprintln(w, f.out) })
	}
	var r api.Report
	if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/report?" + of.Encode()}, &r); err != nil {
		return err
	}
	return g.a.print(r, func(w io.Writer) { g.write(w, &r) })
}

func (g reportCommands) write(w io.Writer, r *api.Report) {
	words := report.Words{Zh: g.a.lang == "zh", Zone: g.a.zone}
	if cfg, err := g.a.loadConfig(); err == nil { // else its own names will do
		words.Label = cfg.PrinterLabel
	}
	fmt.Fprintln(w, report.Title(r, words))
	tables := report.Tables(r, words)
	if len(tables) == 0 {
		fmt.Fprintln(w, g.a.say("没有小票。", "No slips."))
	}
	for _, x := range tables {
		fmt.Fprintln(w)
		fmt.Fprintln(w, x.Title)
		t := newTable(x.Head...).numbers(x.Right...)
		for _, row := range x.Rows {
			t.add(row...)
		}
		t.write(w, "  ")
		for _, note := range x.Notes {
			fmt.Fprintln(w, "  "+note)
		}
	}
}

func (g reportCommands) print(cmd *cobra.Command, c *client.Client, of url.Values, f *reportFlags, lang string) error {
	body := map[string]any{"lang": lang}
	if id, err := strconv.ParseInt(of.Get("batch"), 10, 64); err == nil {
		body["batch"] = id
	}
	if day := of.Get("day"); day != "" {
		body["day"] = day
	}
	if f.printer != "" { // one that there is: a report that waits for nobody's printer helps nobody
		if _, err := printerCommands(g).status(cmd, []string{f.printer}); err != nil {
			return err
		}
		body["printer"] = f.printer
	}
	var ans api.Answer
	if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/report/print", Body: body, Key: "report-" + rand.Text()[:20]}, &ans); err != nil {
		return err
	}
	return g.a.print(ans, func(w io.Writer) {
		fmt.Fprintln(w, g.a.say("报告去打印了：", "the report goes to the printer: ")+ans.JobID)
		sender(g).writeWarnings(w, ans.Warnings)
	})
}
