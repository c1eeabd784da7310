package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/keeping"
)

// dataCommands are `receiptd data`: what is kept, and its removal.
type dataCommands struct{ a *app }

func (g dataCommands) command() *cobra.Command {
	return g.a.group("data", "留着什么、留多久；按订单号删个人信息", "What is kept and for how long; erase a person's data by order number", g.kept(), g.erase())
}

func (g dataCommands) kept() *cobra.Command {
	return &cobra.Command{
		Use: "kept", Short: g.a.say("列出留着什么、在哪里、留多久", "List what is kept, where and for how long"), Args: g.a.none(),
		RunE: func(*cobra.Command, []string) error {
			kinds := keeping.Kinds
			if c, err := g.a.loadConfig(); err == nil { // else the defaults are shown
				kinds = keeping.As(map[string]int{"journal.retention_months": c.Journal.RetentionMonths, "journal.document_days": c.Journal.DocumentDays, "archive.months": c.Archive.Months})
			}
			return g.a.print(map[string]any{"kept": kinds}, func(w io.Writer) {
				t := newTable(g.a.say("什么", "WHAT"), g.a.say("在哪里", "WHERE"), g.a.say("多久", "HOW LONG"), g.a.say("一起删掉的", "GOES WITH IT"), g.a.say("按订单号删时", "WHEN ERASED BY ORDER NUMBER"))
				for _, k := range kinds {
					t.add(g.a.say(k.What.Zh, k.What.En), k.Where, g.a.say(k.Long.Zh, k.Long.En), g.a.say(k.Purge.Zh, k.Purge.En), g.a.say(k.Erased.Zh, k.Erased.En))
				}
				t.write(w, "")
			})
		},
	}
}

func (g dataCommands) erase() *cobra.Command {
	var operator, pinFile, jobID string
	cmd := &cobra.Command{
		Use: "erase [ORDER_NO]", Short: g.a.say("按订单号删掉个人信息（要主管密码）", "Erase a person's data by order number (wants the supervisor's PIN)"),
		Long: g.a.say("姓名、电话、地址、发票抬头、备注和收据链接从日志库、电子存根、存档和没收下的任务里删掉，文件里不留。订单、金额、菜和打印经过\n留着：有过这笔单是事实。日志库照样能校验（receiptd journal verify）。\n\n文档和转接的小票上印着这个号的（6 位以上），内容全删；更短的号只列出来，看过以后用 --job 一张一张删。\n号没印全、被遮住或折了行的找不到。\n\n备份和别处的副本要自己处理；数据文件夹里还有哪些日志库副本会列出来。",
			"Name, telephone, address, invoice, remarks and receipt links go from the journal, electronic copies, the archive and\nrefused jobs, and nothing of them is left in the files. The order, its amounts, dishes and printing story stay: that it\nexisted is a fact. The journal can be verified as before (receiptd journal verify).\n\nDocuments and captured slips that show the number (6 characters or more) lose all they printed; those that show a\nshorter one are listed, to be looked at and erased one by one with --job. A number that is masked, cut or broken over\ntwo lines is not found.\n\nBackups and copies elsewhere are yours to deal with; copies of the journal in the data folder are listed."),
		Example: "  receiptd data erase 3901234567890123456\n  receiptd data erase --job till-01K2Q7",
		Args:    g.a.want("ORDER_NO", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (jobID != "") {
				return g.a.usage("要写订单号，或 --job 任务号", "give the number of an order, or --job with a job's id")
			}
			c, number, err := secrets(g).client(pinFile)
			if err != nil {
				return err
			}
			var done api.Erased
			body := map[string]any{"operator_no": operator}
			if jobID != "" {
				body["job_id"] = jobID
			} else {
				body["order_no"] = args[0]
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/erase", Body: body, Pin: number}, &done); err != nil {
				return byFlag(err, "ORDER_NO", "ORDER_NO")
			}
			return g.a.print(done, func(w io.Writer) {
				fmt.Fprintln(w, g.a.say(fmt.Sprintf("删掉了：日志库里 %d 个任务的个人信息，存档里 %d 个文件，没收下的 %d 个文件", len(done.Jobs), done.Files, done.Rejected),
					fmt.Sprintf("erased: personal data of %d jobs in the journal, %d files of the archive, %d refused files", len(done.Jobs), done.Files, done.Rejected)))
				for _, id := range done.Shown {
					fmt.Fprintln(w, g.a.say("这张也印着这个号，看过以后删：receiptd data erase --job ", "this one shows the number too; look at it, then: receiptd data erase --job ")+id)
				}
				for _, file := range done.Copies {
					fmt.Fprintln(w, g.a.say("这个副本里可能还有，不用了就删：", "this copy may still hold it; remove it when it is not needed: ")+file)
				}
			})
		},
	}
	cmd.Flags().StringVar(&jobID, "job", "", g.a.say("没有订单号的文档或转接的小票：任务号", "a document or captured slip without an order number: its job's id"))
	g.a.operatorFlag(cmd, &operator)
	secrets(g).flag(cmd, &pinFile)
	return cmd
}
