package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/move"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// moveFlags are what `receiptd journal move` is to do.
type moveFlags struct {
	to       string
	in, code bool
	cancel   bool
}

// move is `receiptd journal move`.
func (g journalCommands) move() *cobra.Command {
	var f moveFlags
	cmd := &cobra.Command{
		Use: "move [FILE]", Short: g.a.say("把日志库和设置搬到另一台机器，锁住这一台", "Take journal and settings to another till, and lock this one"), Args: g.a.want("FILE", 0, 1),
		Long: g.a.say("换机器用，两台都先停掉 receiptd。新机器：--code 得到一个代码。旧机器：move FILE --to 代码，写一个文件并锁住：这一台从此不再收、不再打。\n"+
			"新机器：move FILE --in。日志库、证明计数、主管密码、口令、配置和模板都过去，单据不会标“可能重复”。中途断电，照原样再运行一次。\n"+
			"旧机器要再用：--cancel，它的旧单据从此标“可能重复”。文件里有口令，用完删掉。",
			"To replace a machine; stop receiptd on both first. The new one: --code shows a code. The old one: move FILE --to CODE\n"+
				"writes a file and locks it: it takes and prints nothing any more. The new one: move FILE --in. Journal, proof counters,\n"+
				"supervisor's PIN, secrets, configuration and templates go along, and no slip is marked for it. After a power cut run\n"+
				"the same command again. To use the old one all the same: --cancel; its older slips then print marked POSSIBLE\n"+
				"DUPLICATE. The file holds secrets: delete it afterwards."),
		Example: "  receiptd journal move --code\n  receiptd journal move till.move --to 7KQ4M-X2PRD\n  receiptd journal move till.move --in\n  receiptd journal move --cancel",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			till := move.Till{Data: cfg.Data.Dir, Config: g.a.configPath, Templates: cfg.Templates.Dir}
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			return g.moveFault(g.doMove(cmd, till, file, f))
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.code, "code", false, g.a.say("新机器：显示它的代码", "new till: show its code"))
	flags.StringVar(&f.to, "to", "", g.a.say("旧机器：新机器的代码", "old till: the new one's code"))
	flags.BoolVar(&f.in, "in", false, g.a.say("新机器：收下 FILE", "new till: take FILE in"))
	flags.BoolVar(&f.cancel, "cancel", false, g.a.say("旧机器：不搬了，继续用这一台", "old till: go on using this one all the same"))
	cmd.MarkFlagsMutuallyExclusive("code", "to", "in", "cancel")
	cmd.MarkFlagsOneRequired("code", "to", "in", "cancel")
	return cmd
}

func (g journalCommands) doMove(cmd *cobra.Command, till move.Till, file string, f moveFlags) error {
	ctx := cmd.Context()
	if (f.to != "" || f.in) == (file == "") {
		return g.a.usage("--to 和 --in 要写 FILE，--code 和 --cancel 不要", "--to and --in want a FILE, --code and --cancel none")
	}
	switch {
	case f.code:
		code, err := move.Code(till.Data)
		if err == nil {
			err = giveTo(filepath.Join(till.Data, "move-code"), till.Data)
		}
		if err != nil {
			return err
		}
		return g.a.print(map[string]string{"code": code}, func(w io.Writer) {
			fmt.Fprintf(w, g.a.say("这台机器的代码：%s\n在旧机器上停掉 receiptd，再运行：receiptd journal move till.move --to %s\n", "this till's code: %s\nOn the old till stop receiptd, then run: receiptd journal move till.move --to %s\n"), code, code)
		})
	case f.to != "":
		err := longWork(g).during(g.a.say("搬出", "moving out"), func() error { return move.Out(ctx, till, file, f.to, time.Now(), nil) })
		if err != nil {
			return longWork(g).unlessStopped(ctx, err, "照原样再运行一次，就接着做完。", "run the same command again, and it goes on.")
		}
		waiting := g.waiting()
		return g.a.print(map[string]any{"file": file, "locked": true, "waiting": waiting}, func(w io.Writer) {
			fmt.Fprintf(w, g.a.say("已写入 %s。这台机器锁住了，不再收、不再打。\n在新机器上运行：receiptd journal move %s --in\n", "wrote %s. This till is locked: it takes and prints nothing any more.\nOn the new till run: receiptd journal move %s --in\n"), file, filepath.Base(file))
			if len(waiting) > 0 {
				fmt.Fprintf(w, g.a.say("还有 %d 个任务文件没收，投到新机器上：%s\n", "%d job files were not taken; drop them at the new till: %s\n"), len(waiting), filepath.Dir(waiting[0]))
			}
		})
	case f.in:
		return g.moveIn(cmd, till, file)
	}
	if err := queue.Stay(ctx, filepath.Join(till.Data, "journal.db")); err != nil {
		return err
	}
	return g.a.print(map[string]bool{"locked": false}, func(w io.Writer) {
		fmt.Fprintln(w, g.a.say("这台机器又可以用了。之前的单据打印时标“可能重复”。新机器不要再用这些单据：同时只能有一台。", "This till may be used again. Slips from before print marked POSSIBLE DUPLICATE. Do not use the new till with these slips: only one may be in use."))
	})
}

// moveIn takes a file in and says what became of the configuration.
func (g journalCommands) moveIn(cmd *cobra.Command, till move.Till, file string) error {
	fits := func(data []byte) bool {
		c, err := config.Parse("receiptd.toml", data, nil)
		return err == nil && c.Data.Dir == till.Data
	}
	give := func(path string) error { return giveTo(path, till.Data) }
	var t move.Taken
	err := longWork(g).during(g.a.say("搬入", "moving in"), func() (err error) {
		t, err = move.In(cmd.Context(), till, file, time.Now(), fits, give, nil)
		return err
	})
	if err != nil {
		return longWork(g).unlessStopped(cmd.Context(), err, "照原样再运行一次，就接着做完。", "run the same command again, and it goes on.")
	}
	return g.a.print(map[string]any{"arrived": true, "again": t.Again, "config": t.Config, "config_beside": t.Beside}, func(w io.Writer) {
		fmt.Fprintln(w, g.a.say("日志库已经搬到这台机器。", "The journal is at this till now."))
		switch {
		case t.Beside:
			fmt.Fprintf(w, g.a.say("旧机器的配置放在 %s：它的文件夹或系统不同，没有换上。把 [[printer]] 等几段抄进 %s。\n", "The old till's configuration is at %s: it is of other folders, or of another system, and was not put in place. Copy [[printer]]\nand what you need into %s.\n"), t.Config, till.Config)
		case t.Config != "":
			fmt.Fprintf(w, g.a.say("配置已换上：%s\n", "Its configuration is in place: %s\n"), t.Config)
		}
		fmt.Fprintf(w, g.a.say("看看打印机的地址：receiptd config check，再启动：%s。然后删掉 %s，里面有口令。\n", "Check the printers' addresses with receiptd config check, then start: %s. Delete %s then: it holds secrets.\n"), hint.Start(), file)
	})
}

// waiting lists job files that this till has not taken.
func (g journalCommands) waiting() []string {
	found := []string{}
	cfg, err := g.a.loadConfig()
	if err != nil {
		return found
	}
	for _, dir := range []string{"incoming", ".taken"} {
		list, _ := os.ReadDir(filepath.Join(cfg.Spool.Dir, dir)) // one that cannot be read has nothing to show
		for _, e := range list {
			if e.Name()[0] != '.' {
				found = append(found, filepath.Join(cfg.Spool.Dir, dir, e.Name()))
			}
		}
	}
	return found
}

// moveFault says what to do about a fault.
func (g journalCommands) moveFault(err error) error {
	var moved *queue.MovedError
	switch {
	case errors.Is(err, move.ErrCode):
		return codeError{exitInvalid, g.a.say("代码不对：在新机器上运行 receiptd journal move --code，照抄 10 个字。", "this is no code: run receiptd journal move --code on the new till, and copy its 10 letters.")}
	case errors.Is(err, move.ErrExists):
		return codeError{exitRefused, g.a.say("文件已存在，换一个名字：", "the file exists, choose another name: ") + g.a.said(err)}
	case errors.Is(err, move.ErrOther):
		return codeError{exitRefused, g.a.say("这个文件是给另一台机器的。这台的代码用 receiptd journal move --code 看。", "this file is for another till. This till's code: receiptd journal move --code.") + "\n" + g.a.said(err)}
	case errors.Is(err, move.ErrNoFile):
		return codeError{exitInvalid, g.a.say("这不是搬家文件，或者它坏了；旧机器上再写一个（换个文件名，代码不变）。", "this is no file of a move, or it is damaged; write one more on the old till, under another name, with the same code.") + "\n" + g.a.said(err)}
	case errors.Is(err, queue.ErrOccupied):
		return codeError{exitRefused, g.a.say("这台机器的日志库里已有单据，没有动它。要换掉它：停掉 receiptd，把数据文件夹改名，再来一次。", "this till's journal has slips already, and was left as it is. To give it up: stop receiptd, rename the data folder, and try again.")}
	case errors.Is(err, queue.ErrStays):
		return codeError{exitRefused, g.a.say("这台机器没有被锁住，不用取消。", "this till is not locked: there is nothing to take back.")}
	case errors.As(err, &moved):
		return codeError{exitRefused, faults(g).movedAway(moved)}
	}
	return err
}

// movedAway says why this till does nothing, and what to do.
func (g faults) movedAway(m *queue.MovedError) string {
	what, fix := movedText(m)
	return g.a.say(what.Zh+"\n"+fix.Zh, what.En+"\n"+fix.En)
}

// movedText tells of a till that was locked by a move.
func movedText(m *queue.MovedError) (what, fix job.Text) {
	code, at := move.CodeOf(m.Code), m.At.Local().Format("2006-01-02 15:04")
	what = job.Text{Zh: "这台机器的日志库已于 " + at + " 搬到代码为 " + code + " 的机器，这里不再收、不再打。",
		En: "this till's journal was moved to the one with the code " + code + " on " + at + ": it takes and prints nothing any more."}
	fix = job.Text{Zh: "新机器没收到文件：再运行 receiptd journal move FILE --to " + code + "。要继续用这一台：receiptd journal move --cancel（旧单据会标“可能重复”）。",
		En: "if the new till has no file yet run receiptd journal move FILE --to " + code + " again; to go on using this one run receiptd journal move --cancel (its older slips then print marked POSSIBLE DUPLICATE)"}
	return what, fix
}
