package history

import (
	"cmp"
	"slices"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/vocabulary"
)

// longestHold is how long before a report's time a hold may have begun that reaches into it, in milliseconds.
const longestHold = 24 * 3600 * 1000

// A span is a time, in milliseconds, in which a slip waited for a printer, and why.
type span struct {
	printer  string
	reason   vocabulary.Reason
	from, to int64
}

// troubles adds up for how long slips waited for printers that were not ready. Where several waited at once it counts once.
func (p *reporter) troubles() error {
	spans, err := p.spans()
	if err != nil {
		return err
	}
	for _, s := range spans {
		p.printer(s.printer)
	}
	for i := range p.r.Printers {
		at := &p.r.Printers[i]
		var all []span
		by := map[vocabulary.Reason][]span{}
		for _, s := range spans {
			if s.printer == at.Printer {
				all = append(all, s)
				by[s.reason] = append(by[s.reason], s)
			}
		}
		at.Bad = together(all)
		for reason, list := range by {
			at.Troubles = append(at.Troubles, api.ReportTrouble{Reason: reason, Seconds: together(list)})
		}
		slices.SortFunc(at.Troubles, func(a, b api.ReportTrouble) int {
			return cmp.Or(-cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.Reason, b.Reason))
		})
	}
	return nil
}

// spans reads when slips were held, until what came next. One that waits for a person's word, or for a pause to end, does not wait for the
// printer.
func (p *reporter) spans() ([]span, error) {
	before := p.from - longestHold
	lo, hi, err := seqs(p.s, "events", "seq", "at", before, p.to)
	if err != nil {
		return nil, err
	}
	rows, err := p.s.Query(`SELECT e.printer, e.reason, e.at, coalesce((SELECT n.at FROM events n WHERE n.job = e.job AND n.copy = e.copy AND n.type = 'copy' AND n.seq > e.seq
			AND (n.state <> e.state OR n.reason <> e.reason) ORDER BY n.seq LIMIT 1), ?)
		FROM events e WHERE e.seq >= ? AND e.seq <= ? AND e.at >= ? AND e.at < ? AND e.type = 'copy' AND e.state = 'held' AND e.reason NOT IN ('', 'stale', 'paused')`,
		p.now, lo, hi, before, p.to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []span
	for rows.Next() {
		var s span
		if err := rows.Scan(&s.printer, &s.reason, &s.from, &s.to); err != nil {
			return nil, err
		}
		if s.from, s.to = max(s.from, p.from), min(s.to, p.to); s.to > s.from {
			list = append(list, s)
		}
	}
	return list, rows.Err()
}

// together gives how many seconds some spans cover.
func together(list []span) int64 {
	slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var sum, end int64
	for _, s := range list {
		if s.to > end {
			sum += s.to - max(s.from, end)
			end = s.to
		}
	}
	return (sum + 500) / 1000
}
