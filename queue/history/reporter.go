package history

import (
	"slices"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// A reporter puts a report together. The figures of a day that is not over move.
type reporter struct {
	s     record.View
	r     *api.Report
	from  int64 // milliseconds: the report is of what lies from here
	to    int64 // to before here
	batch int64 // 0: of a time
	now   int64
	told  map[[2]int64]job.Kind // vouchers that are named, and by what
}

func (p *reporter) printer(name string) *api.ReportPrinter {
	i := slices.IndexFunc(p.r.Printers, func(x api.ReportPrinter) bool { return x.Printer == name })
	if i < 0 {
		p.r.Printers = append(p.r.Printers, api.ReportPrinter{Printer: name})
		i = len(p.r.Printers) - 1
	}
	return &p.r.Printers[i]
}

// nearby is how many rows around the ends of a time are looked at: there a clock that was set may have mixed them.
const nearby = 1000

// seqs gives the rows of a table among which those of a time are, by their number. Their times rise with their numbers, but where a clock
// was set.
func seqs(s record.Source, table, number, at string, from, to int64) (lo, hi int64, err error) {
	var oldest, newest int64
	if err := s.Row("SELECT coalesce(min("+number+"), 0), coalesce(max("+number+"), 0) FROM "+table).Scan(&oldest, &newest); err != nil {
		return 0, 0, err
	}
	if newest == 0 {
		return 0, 0, nil
	}
	find := func(ms int64) (int64, error) {
		low, high := oldest, newest+1
		for low < high {
			mid := low + (high-low)/2
			var seq, time int64
			if err := s.Row("SELECT "+number+", "+at+" FROM "+table+" WHERE "+number+" >= ? ORDER BY "+number+" LIMIT 1", mid).Scan(&seq, &time); err != nil {
				return 0, err
			}
			if time >= ms {
				high = mid
			} else {
				low = seq + 1
			}
		}
		return low, nil
	}
	if lo, err = find(from); err != nil {
		return 0, 0, err
	}
	hi, err = find(to)
	return lo - nearby, hi + nearby, err
}
