package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// tell says that a piece of paper came out, and shows it if that was asked for.
func (d *demo) tell(p virtual.Piece) {
	w := d.a.stdout
	fmt.Fprintf(w, "%s %d  %s\n", d.a.say("柜台上的小票", "slip on the counter"), p.N, filepath.Join(d.paper, fmt.Sprintf("piece-%d.png", p.N)))
	if d.slips {
		fmt.Fprintln(w, p.Text())
	}
}

// welcome says what happens now.
func (d *demo) welcome(page string) {
	fmt.Fprintf(d.a.stdout, d.a.say(demoTextZh, demoTextEn), d.dir, d.a.shownLink(page))
}

const demoTextEn = `receiptd demo: a shop with a virtual printer. Everything is in %s

  Five jobs lie in its drop folder now, as a terminal's software drops them: two card sales, the void of the second, a scan
  payment and a takeaway order. receiptd takes each into its journal, answers it, prints its copies and proves that they came
  out. That takes half a minute, as on a real printer; then come the links and three commands to try.

  counter page     %s

`

const demoTextZh = `receiptd 演示：一家店，一台虚拟打印机。所有文件都在 %s

  投递文件夹里现在有五份任务，跟收银终端的软件投的一样：两笔刷卡消费、第二笔的撤销、一笔扫码、一张外卖单。receiptd 把每一份
  记进日志库、写应答、打出各联，并证明它们真的打完了。跟真打印机一样要半分钟；然后显示链接和三条可以试的命令。

  柜台页面    %s

`

// demoLimit is how long the demo waits for its slips before it says what to try: somebody may play with the printer meanwhile.
const demoLimit = 90 * time.Second

// whatNext waits until the samples are out, then shows the links and what to try. It returns with ctx.
func (d *demo) whatNext(ctx context.Context, page string) {
	limit := time.NewTimer(demoLimit)
	defer limit.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for out := false; !out; {
		select {
		case <-ctx.Done():
			return
		case <-limit.C:
			out = true
		case <-tick.C:
			out = d.allOut() && d.printer.State().Idle
		}
	}
	w := d.a.stdout
	fmt.Fprintf(w, d.a.say(demoNextZh, demoNextEn), filepath.Join(d.spool, "results"), d.paper, d.a.shownLink(page), d.a.say("：抽纸、开盖、卡刀、拔线", ": take the paper out, open the cover, jam the cutter, pull the cable"), d.control)
	for _, line := range demoCommands(d.spool, d.config, d.samples) {
		fmt.Fprintln(w, "  "+line)
	}
	fmt.Fprintln(w, d.a.say("\n按 Ctrl-C 结束。", "\nCtrl-C ends it."))
}

const demoNextEn = `
All of it has come out.

  answers          %s
  paper            %s   (PNG and text)
  counter page     %s   (Printers: its buttons make faults%s)
  virtual printer  %s   (its paper and its switches)

Try in another terminal, in this folder (reprint; send a job and watch its answer; close the day, after which reprints are refused):

`

const demoNextZh = `
都打完了。

  应答        %s
  纸          %s   （PNG 和文字）
  柜台页面    %s   （点打印机：那里的按钮能造故障%s）
  虚拟打印机  %s   （它的纸和开关）

另开一个终端，在这个文件夹里试（补打；投一份任务看应答；结算，之后补打会被拒绝）：

`

// allOut tells whether every copy of the samples has come to an end, by their answers.
func (d *demo) allOut() bool {
	for _, name := range demoJobs {
		data, err := os.ReadFile(filepath.Join(d.spool, "results", name))
		var a api.Answer
		if err != nil || json.Unmarshal(data, &a) != nil || a.Outcome == vocabulary.OutcomeAccepted && len(a.Copies) == 0 {
			return false
		}
		if slices.ContainsFunc(a.Copies, func(c api.CopyStatus) bool {
			return c.State == vocabulary.StateQueued || c.State == vocabulary.StateSending || c.State == vocabulary.StateHeld
		}) {
			return false
		}
	}
	return true
}

// demoCommands are what to paste: first the two variables, then three commands that use them. samples is the folder of the jobs to drop.
func demoCommands(spool, config, samples string) []string {
	exe := "go run ./cmd/receiptd"
	if len(os.Args) > 0 && strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "receiptd" && !isGoRun() {
		exe = hint.Run(os.Args[0])
	}
	return []string{
		hint.Set("SPOOL", spool),
		hint.Set("RECEIPTD_CONFIG", config),
		exe + " reprint --last --operator 01 --wait",
		exe + " job submit --wait " + hint.Run(filepath.Join(samples, "05-pre-auth.json")),
		hint.Copy(filepath.Join(samples, "17-settlement.json"), filepath.Join(spool, "incoming")),
	}
}
