// Package keeping says in one place what receiptd keeps where and for how long. Who owns a place removes what is there: the journal, the
// archive, the drop folder. It starts no goroutine.
package keeping

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Kind is one kind of what is kept.
type Kind struct {
	What   vocabulary.Text `json:"what"`
	Where  string          `json:"where"`
	Long   vocabulary.Text `json:"how_long"` // names the key of the configuration that says so
	Purge  vocabulary.Text `json:"purge"`    // what goes with it
	Erased vocabulary.Text `json:"erased"`   // what `receiptd data erase` does with it
}

// Kinds is the whole table. The documentation and `receiptd data kept` show it.
var Kinds = []Kind{
	{vocabulary.Text{Zh: "交易、冲正、结算小票", En: "slips of transactions, reversals and settlements"}, "DATA/journal.db",
		vocabulary.Text{Zh: "批次结算后 journal.retention_months 个月（24）；没结算的一直留着", En: "journal.retention_months (24) after the settlement of their batch; of a batch that is not settled, for ever"},
		vocabulary.Text{Zh: "连同它的各联、打印记录、电子存根、经过和应答；文件里原来的位置写成零", En: "with its copies, attempts, electronic copies, story and answers; its place in the files is overwritten with zeros"},
		vocabulary.Text{Zh: "带这个订单号的：备注和电子发票链接删掉，金额和经过留着", En: "those with that order number: remarks and receipt links go, amounts and story stay"}},
	{vocabulary.Text{Zh: "订单", En: "orders"}, "DATA/journal.db",
		vocabulary.Text{Zh: "journal.document_days 天（30）", En: "journal.document_days (30)"},
		vocabulary.Text{Zh: "同上", En: "the same"},
		vocabulary.Text{Zh: "姓名、电话、地址、发票、备注删掉，菜和金额留着", En: "name, telephone, address, invoice and remarks go; dishes and amounts stay"}},
	{vocabulary.Text{Zh: "文档，转接的小票", En: "documents, captured slips"}, "DATA/journal.db",
		vocabulary.Text{Zh: "journal.document_days 天（30）", En: "journal.document_days (30)"},
		vocabulary.Text{Zh: "同上", En: "the same"},
		vocabulary.Text{Zh: "印着这个号（6 位以上）的，内容全删；号更短的列出来，用 --job 一张一张删；号被遮住、没印全或折行的找不到", En: "those that show the number (6 characters or more) lose all they printed; shown by a shorter number they are listed, to be erased with --job; a number that is masked, cut or broken over lines is not found"}},
	{vocabulary.Text{Zh: "通知和每个接收方送到哪一条", En: "notices, and how far each receiver was told"}, "DATA/journal.db",
		vocabulary.Text{Zh: "送到以后 7 天；还没送到的一天后放弃", En: "7 days after they were told; one that cannot be told is given up after a day"},
		vocabulary.Text{Zh: "通知；接收方的位置留着", En: "the notices; a receiver's place stays"},
		vocabulary.Text{Zh: "里面没有姓名和电话", En: "holds no names or telephone numbers"}},
	{vocabulary.Text{Zh: "升级前的日志库", En: "the journal from before an upgrade"}, "DATA/journal.db.version-*",
		vocabulary.Text{Zh: "30 天", En: "30 days"}, vocabulary.Text{Zh: "整个文件", En: "the whole file"},
		vocabulary.Text{Zh: "列出来，由你删", En: "named, for you to remove"}},
	{vocabulary.Text{Zh: "恢复、损坏后留在一边的日志库", En: "journals kept aside after a restore or damage"}, "DATA/journal.db.replaced-*, .corrupt-*, .lost-*",
		vocabulary.Text{Zh: "一直留着，由你删", En: "until you remove them"}, vocabulary.Text{Zh: "不自动删", En: "nothing is removed by itself"},
		vocabulary.Text{Zh: "列出来，由你删", En: "named, for you to remove"}},
	{vocabulary.Text{Zh: "你做的备份（journal backup、journal move、整盘备份），抄出去的 PDF 和 CSV", En: "backups that you made (journal backup, journal move, of the disk), PDF and CSV files that you took out"}, "FILE",
		vocabulary.Text{Zh: "你定", En: "as you decide"}, vocabulary.Text{Zh: "receiptd 够不着", En: "receiptd does not reach them"},
		vocabulary.Text{Zh: "够不着：删掉旧备份，另做一份；恢复旧备份后再删一次", En: "not reached: remove older backups and make a new one; after restoring an older one erase again"}},
	{vocabulary.Text{Zh: "应答文件", En: "answers"}, "SPOOL/results/",
		vocabulary.Text{Zh: "7 天", En: "7 days"}, vocabulary.Text{Zh: "文件；应答本身还在日志库里", En: "the file; the answer itself is in the journal"},
		vocabulary.Text{Zh: "里面没有任务的内容", En: "holds nothing of a job's content"}},
	{vocabulary.Text{Zh: "没收下的任务", En: "jobs that were rejected"}, "SPOOL/rejected/",
		vocabulary.Text{Zh: "7 天", En: "7 days"}, vocabulary.Text{Zh: "文件", En: "the file"},
		vocabulary.Text{Zh: "里面有这个订单号的文件删掉", En: "files that hold that order number go"}},
	{vocabulary.Text{Zh: "小票存档", En: "slips as files"}, "DATA/archive/",
		vocabulary.Text{Zh: "archive.months 个月（24）", En: "archive.months (24)"}, vocabulary.Text{Zh: "整天的文件夹", En: "the folder of a day"},
		vocabulary.Text{Zh: "以上各张的 PDF 删掉，索引那一行留着并写明", En: "the PDF of each of the above goes; its line stays and says so"}},
	{vocabulary.Text{Zh: "探测的录制文件", En: "recordings of probes"}, "--record FILE",
		vocabulary.Text{Zh: "你写在哪里就在哪里，由你删", En: "where you wrote them, until you remove them"}, vocabulary.Text{Zh: "不自动删", En: "nothing is removed by itself"},
		vocabulary.Text{Zh: "里面没有小票和姓名", En: "holds no slips or names"}},
	{vocabulary.Text{Zh: "总部收到的：各店的事件、小票状态、送出的任务和命令的结果", En: "at a fleet's centre: what shops told, how slips stand, what became of jobs and commands"}, "HUB/hub.db",
		vocabulary.Text{Zh: "hub.keep_days 天（90）；还没办完的一直留着", En: "hub.keep_days (90); what is not over yet stays"},
		vocabulary.Text{Zh: "事件、小票状态、任务和命令；文件里原来的位置写成零", En: "events, slips, jobs and commands; their place in the file is overwritten with zeros"},
		vocabulary.Text{Zh: "店里不发顾客的信息", En: "shops send nothing about customers"}},
	{vocabulary.Text{Zh: "总部要送的任务的内容", En: "at a fleet's centre: the content of a job that is to be sent"}, "HUB/hub.db, DROP/SHOP/",
		vocabulary.Text{Zh: "到店里应答为止；没送出去就过期的到过期为止", En: "until the shop has answered; of one that never left, until it has expired"},
		vocabulary.Text{Zh: "内容；结果留着（见上一行）", En: "the content; what became of it stays (see above)"},
		vocabulary.Text{Zh: "店里应答以后总部已经没有了：在店里删", En: "the centre no longer has it once the shop has answered: erase it at the shop"}},
	{vocabulary.Text{Zh: "总部投递文件夹的应答", En: "answers in the centre's drop folder"}, "DROP/SHOP/results/",
		vocabulary.Text{Zh: "7 天", En: "7 days"}, vocabulary.Text{Zh: "文件", En: "the file"},
		vocabulary.Text{Zh: "里面没有任务的内容", En: "holds nothing of a job's content"}},
	{vocabulary.Text{Zh: "日志", En: "the log"}, "log.file",
		vocabulary.Text{Zh: "log.max_files 个，每个 log.max_mb MB", En: "log.max_files of log.max_mb MB"}, vocabulary.Text{Zh: "最旧的文件", En: "the oldest file"},
		vocabulary.Text{Zh: "里面没有顾客的数据", En: "holds no customer's data"}},
}

// Copies names the other journals in the data folder: each may hold what was removed from the one in use.
func Copies(data string) ([]string, error) {
	list, err := os.ReadDir(data)
	if err != nil {
		return nil, fmt.Errorf("copies of the journal: %w", err)
	}
	out := []string{}
	for _, e := range list {
		rest, is := strings.CutPrefix(e.Name(), "journal.db")
		if is && !slices.Contains([]string{"", "-wal", "-shm", "-seal", "-seal.new", "-journal"}, rest) && !strings.HasSuffix(rest, "-shm") {
			out = append(out, filepath.Join(data, e.Name()))
		}
	}
	return out, nil
}

var defaults = regexp.MustCompile(`([a-z]+\.[a-z_]+)( 个月| 天| )?([（(])[0-9]+`)

// As gives the table as a shop has set it: behind the keys stand its values, in place of the defaults.
func As(set map[string]int) []Kind {
	value := func(text string) string {
		return defaults.ReplaceAllStringFunc(text, func(found string) string {
			m := defaults.FindStringSubmatch(found)
			if n, ok := set[m[1]]; ok {
				return m[1] + m[2] + m[3] + strconv.Itoa(n)
			}
			return found
		})
	}
	kinds := slices.Clone(Kinds)
	for i := range kinds {
		long := &kinds[i].Long
		long.Zh, long.En = value(long.Zh), value(long.En)
	}
	return kinds
}
