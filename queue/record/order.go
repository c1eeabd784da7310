package record

import (
	"time"

	"github.com/receiptd/receiptd/job"
)

// IsHashed is the condition of the index jobs_hash, word by word.
const IsHashed = "(kind = 'settlement' OR kind = 'reversal' OR kind = 'order')"

// SameTicket gives when an earlier order of exactly this content came of which a copy of this name is on paper or on its way; zero
// when there is none. A kitchen that reads it can ask before it cooks the same once more.
func SameTicket(s Source, row *JobRow, name job.CopyName) (time.Time, error) {
	if row.Type == string(job.OrderReminder) || row.Test {
		return time.Time{}, nil
	}
	var at int64
	err := s.Row(`SELECT coalesce(max(at), 0) FROM jobs WHERE hash = ? AND `+IsHashed+` AND kind = 'order' AND outcome = 'accepted' AND test = 0
		AND seq < ? AND EXISTS (SELECT 1 FROM copies c WHERE c.job = jobs.seq AND c.name = ?
			AND (c.print_no > 0 OR c.state IN ('queued', 'held', 'sending')))`, row.Hash, row.Seq, name).Scan(&at)
	return FromMillis(at), err
}
