package answer

import (
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// Fix says what to send instead of a job that prints nothing, as the journal has its content in row seq.
func Fix(s record.Source, seq int64) (*job.Text, error) {
	row, err := record.JobBySeq(s, seq)
	if err == nil {
		row, err = SlipOf(s, row)
	}
	if errors.Is(err, record.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	fix := fixText(&row)
	return &fix, nil
}

// fixText says how to get paper of what was taken before, by its kind.
func fixText(row *record.JobRow) job.Text {
	again := fmt.Sprintf(`{"command":"reprint_job","target_job_id":%q}`, row.JobID)
	switch row.Kind {
	case job.KindTransaction:
		if row.Voucher != record.NoVoucher {
			again = fmt.Sprintf(`{"command":"reprint_by_voucher","terminal_no":%q,"voucher_no":%q}`, row.Terminal, record.VoucherText(row.Voucher))
		}
		return job.Text{
			Zh: "已收过，不再打。补打（有标记）：" + again + "；要打从没打过的联：换新任务号，copies 只写那一联",
			En: "taken before; nothing more is printed. To print it again, marked: " + again + "; for a copy that was never printed: a new job_id with only that copy in copies",
		}
	case job.KindSettlement:
		again = fmt.Sprintf(`{"command":"reprint_settlement","terminal_no":%q,"batch_no":%q}`, row.Terminal, row.BatchNo)
	case job.KindOrder:
		return job.Text{
			Zh: "已收过，不再打。新的一单：换任务号，并换 created_at；补打（有标记）：" + again,
			En: "taken before; nothing more is printed. A new ticket has its own job_id and created_at; to print this one again, marked: " + again,
		}
	case job.KindCommand:
		return job.Text{Zh: "这条命令已执行过；要再做一次就换新任务号", En: "this command was carried out before; to do it once more give it a new job_id"}
	case job.KindDocument:
		return job.Text{
			Zh: "这个任务号已打过。另打一份：换新任务号；补打（有标记）：" + again,
			En: "this job_id was printed before. One more of its own: a new job_id; to print this one again, marked: " + again,
		}
	}
	return job.Text{Zh: "已收过，不再打。补打（有标记）：" + again, En: "taken before; nothing more is printed. To print it again, marked: " + again}
}

// SlipOf gives the slip that a request for first copies is about; others stand for themselves.
func SlipOf(s record.Source, row record.JobRow) (record.JobRow, error) {
	if row.Kind != job.KindCommand || row.Type != TypeFirstCopy || row.Outcome != vocabulary.OutcomeAccepted {
		return row, nil
	}
	slip, err := record.JobBySeq(s, row.Target)
	if errors.Is(err, record.ErrNotFound) {
		return row, nil // retention took it
	}
	return slip, err
}

// TypeFirstCopy is the type of a request that came as a slip whose journalled twin lacks the copies that it names. It is kept as a
// command is: it is no second slip.
const TypeFirstCopy = "first_copy"
