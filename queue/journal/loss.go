package journal

import (
	"fmt"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// A LossCause says what showed that the journal is not whole.
type LossCause string

// The causes.
const (
	LossMissing LossCause = "missing" // there was a journal in this folder, and it is gone or empty
	LossBehind  LossCause = "behind"  // it ends before its seal: an older copy, or its write-ahead log is gone or damaged
	LossForeign LossCause = "foreign" // it is another one than that which was sealed here
	LossChanged LossCause = "changed" // its content is not what was written
	LossSeal    LossCause = "seal"    // its seal is gone: nobody can tell whether something is missing
	LossCopied  LossCause = "copied"  // it is a copy, or came from another machine without a move: the other one may be at work
)

// lossCauses gives each cause the number under which it is kept.
var lossCauses = []LossCause{"", LossMissing, LossBehind, LossForeign, LossChanged, LossSeal, LossCopied}

// A Loss is what a start found missing in the journal. It stands until somebody acknowledges it. Slips from before it print marked
// as possible duplicates, also afterwards.
type Loss struct {
	Cause  LossCause `json:"cause"`
	At     time.Time `json:"at"`               // of the start that found it
	Events int64     `json:"events,omitempty"` // how many are missing; 0: nobody knows
}

// Text says what happened and what to do.
func (l Loss) Text() job.Text {
	at := l.At.Local().Format("2006-01-02 15:04")
	n := ""
	nEn := ""
	if l.Events > 0 {
		n, nEn = fmt.Sprintf("，少了 %d 条记录", l.Events), fmt.Sprintf("; %d records are missing", l.Events)
	}
	what := map[LossCause]job.Text{
		LossMissing: {Zh: "日志库不见了或是空的，已重新建立", En: "the journal was gone or empty, a new one was begun"},
		LossBehind:  {Zh: "日志库丢了最后一段" + n, En: "the end of the journal is lost" + nEn},
		LossForeign: {Zh: "日志库不是原来的那一个", En: "the journal is not the one that was here before"},
		LossChanged: {Zh: "日志库里的记录被改坏了", En: "records of the journal are damaged"},
		LossSeal:    {Zh: "日志库的封记（journal.db-seal）不见了，不知道少没少记录", En: "the journal's seal (journal.db-seal) is gone: nobody can tell whether records are missing"},
		LossCopied:  {Zh: "日志库是复制过来的，或来自另一台机器，没有用 journal move：另一份可能还在打印", En: "the journal is a copy, or came from another machine without journal move: the other one may still print"},
	}[l.Cause]
	if l.Cause == LossCopied {
		return job.Text{
			Zh: what.Zh + "（" + at + " 启动时发现）。之前收下的单据打印时标“可能重复”，新的照常。同时只能有一台在用：停掉另一台，把未结算的单据同终端核对。核对后运行：receiptd journal acknowledge",
			En: what.En + " (found at the start of " + at + "). Slips taken before print marked POSSIBLE DUPLICATE, new ones as usual. Only one may be in use: stop the other, and compare what is not settled with the terminal. Then run: receiptd journal acknowledge",
		}
	}
	return job.Text{
		Zh: what.Zh + "（" + at + " 启动时发现）。之前的单据再打印时标“可能重复”。请把未结算的单据同终端核对，查磁盘；有备份可以恢复：receiptd journal restore。核对后运行：receiptd journal acknowledge",
		En: what.En + " (found at the start of " + at + "). Slips from before print marked POSSIBLE DUPLICATE. Compare what is not settled with the terminal, and check the disk; a backup is put back with receiptd journal restore. Then run: receiptd journal acknowledge",
	}
}

// A finding is a loss with what was seen, for the log and for who verifies.
type finding struct {
	Loss
	detail job.Text
}

func causeNumber(c LossCause) int64 {
	for i, x := range lossCauses {
		if x == c {
			return int64(i)
		}
	}
	return 0
}

// standingLoss reads the loss that nobody has acknowledged.
func standingLoss(meta map[string]int64) *Loss {
	n := meta["lost_cause"]
	if n <= 0 || n >= int64(len(lossCauses)) || meta["lost_seen"] != 0 {
		return nil
	}
	return &Loss{Cause: lossCauses[n], At: record.FromMillis(meta["lost_at"]), Events: meta["lost_events"]}
}
