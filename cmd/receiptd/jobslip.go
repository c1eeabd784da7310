package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/vocabulary"
)

type slipFlags struct {
	out, copy, operator, reason, caseNo, key, pinFile string
	no                                                int
	list                                              bool
}

// slip makes an electronic copy, or fetches one that was made.
func (g jobCommands) slip() *cobra.Command {
	var f slipFlags
	cmd := &cobra.Command{
		Use: "slip ID", Short: g.a.say("把小票做成 PDF 文件（电子存根，有标记、有编号）", "Make a slip a PDF file (an electronic copy, marked and numbered)"),
		Long: g.a.say("版面和纸上的一样，上下印“电子存根/ELECTRONIC COPY”和编号，每做一份都有记录。文件存为 ID-编号.pdf，或写 -o。\n"+
			"批次结算之后算调单副本：要 --case 和主管密码。--list 看做过哪些，--no 取做过的一份。",
			"The layout is that of the paper, with 电子存根/ELECTRONIC COPY and its number above and below; each one is on\n"+
				"record. The file is ID-NUMBER.pdf, or as -o says. After settlement it is a retrieval copy: --case and the\n"+
				"supervisor's PIN. --list shows those that were made, --no fetches one of them again."),
		Example: "  receiptd job slip c1-000122-105233-a --operator 02\n  receiptd job slip c1-000122-105233-a --no 1 -o slip.pdf\n" +
			"  receiptd job slip c1-000121-104871-a --copy merchant --case TD20260901-07",
		Args: g.a.one("ID"),
		RunE: func(cmd *cobra.Command, args []string) error { return g.makeSlip(cmd, &f, args[0]) },
	}
	g.a.copyFlag(cmd, &f.copy, g.a.say("哪一联（不写：给顾客的那联）", "which copy (default: the customer's)"))
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "output", "o", "", g.a.say("文件名；- 是标准输出", "the file; - is standard output"))
	fl.IntVar(&f.no, "no", 0, g.a.say("取做过的第几份，不做新的", "fetch this one of those that were made, make none"))
	fl.BoolVar(&f.list, "list", false, g.a.say("只列出做过的", "only list those that were made"))
	g.a.operatorFlag(cmd, &f.operator)
	fl.StringVar(&f.reason, "reason", "", g.a.say("原因", "why"))
	fl.StringVar(&f.caseNo, "case", "", g.a.say("已结算批次的案号；要主管密码", "of a closed batch: the retrieval case number; needs the supervisor's PIN"))
	fl.StringVar(&f.key, "id", "", g.a.say("请求编号：同一个编号只做一份", "id of the request: one id makes one copy"))
	secrets(g).flag(cmd, &f.pinFile)
	return cmd
}

// A madeSlip is an electronic copy and where the daemon has its file.
type madeSlip struct {
	api.ElectronicCopy
	Href string `json:"href"`
}

func (g jobCommands) makeSlip(cmd *cobra.Command, f *slipFlags, id string) error {
	c, err := g.a.client()
	if err != nil {
		return err
	}
	path := "/v1/jobs/" + url.PathEscape(id) + "/slips"
	var got struct {
		Slips []madeSlip `json:"slips"`
	}
	switch {
	case f.list:
		if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: path}, &got); err != nil {
			return err
		}
		return g.a.print(map[string]any{"slips": nonNil(got.Slips)}, func(w io.Writer) { g.writeSlips(w, got.Slips) })
	case f.no > 0:
		return g.fetchSlip(cmd, c, path+"/"+strconv.Itoa(f.no)+".pdf", f.out, slipName(id, f.no))
	}
	if f.caseNo != "" { // an id that does not exist is said before the PIN is asked for
		if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: path}, &got); err != nil {
			return byFlag(err, "--case", "ID")
		}
		got.Slips = nil
	}
	pin, err := secrets(g).pinIf(f.caseNo != "", f.pinFile)
	if err != nil {
		return err
	}
	if f.key == "" {
		f.key = "cli-" + rand.Text()[:20]
	}
	body := map[string]any{}
	copyName, station, _ := strings.Cut(f.copy, "@")
	for k, v := range map[string]string{"copy": copyName, "station": station, "operator_no": f.operator, "reason": f.reason, "case_no": f.caseNo} {
		if v != "" {
			body[k] = v
		}
	}
	if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path, Body: body, Key: f.key, Pin: pin}, &got); err != nil {
		return byFlag(err, "--case", "ID")
	}
	for i := range got.Slips {
		if err := g.fetchSlip(cmd, c, got.Slips[i].Href, f.out, slipName(got.Slips[i].JobID, got.Slips[i].No)); err != nil {
			return err
		}
	}
	return nil
}

func slipName(id string, no int) string { return id + "-" + strconv.Itoa(no) + ".pdf" }

// fetchSlip writes a file that the daemon has under a name, or under its own one.
func (g jobCommands) fetchSlip(cmd *cobra.Command, c *client.Client, href, out, own string) error {
	return g.fetch(cmd, c, client.Call{Method: http.MethodGet, Path: href}, out, own)
}

// fetch writes what the daemon answers under a name, or under its own one.
func (g jobCommands) fetch(cmd *cobra.Command, c *client.Client, call client.Call, out, own string) error {
	var file []byte
	if err := c.Do(cmd.Context(), call, &file); err != nil {
		return err
	}
	if out == "-" {
		_, err := g.a.stdout.Write(file)
		return err
	}
	if out == "" {
		out = own
	}
	if err := wholefile.Write(out, file, 0o600); err != nil {
		return err
	}
	fmt.Fprintln(g.a.stdout, g.a.say("已存为 ", "saved as ")+out)
	return nil
}

func (g jobCommands) writeSlips(w io.Writer, list []madeSlip) {
	if len(list) == 0 {
		fmt.Fprintln(w, g.a.say("还没有做过电子存根。", "No electronic copy was made yet."))
		return
	}
	t := newTable(g.a.say("编号", "NO"), g.a.say("联", "COPY"), g.a.say("时间", "AT"), g.a.say("操作员", "OPERATOR"), g.a.say("案号", "CASE")).numbers(0)
	for i := range list {
		s := &list[i]
		t.add(strconv.Itoa(s.No), word(g.a.lang, vocabulary.KindCopy, s.Name()), s.At.Local().Format("01-02 15:04"), s.Mark.Operator, s.Mark.Archive)
	}
	t.write(w, "")
}
