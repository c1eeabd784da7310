package queue

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// search lists the jobs, the latest arrival first, that a typed text means among those of where: by their keys, by the time
// on the slip, or both. An empty text means all.
func (q *Queue) search(s source, text string, before int64, limit int, where string, args []any) ([]jobRow, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return jobRows(s, "seq < ?"+where+" ORDER BY seq DESC LIMIT ?", append(append([]any{before}, args...), limit)...)
	}
	now, err := q.terminalNow(s)
	if err != nil {
		return nil, err
	}
	span, only, isTime := timeOf(text, now)
	var found []jobRow
	if isTime {
		all := append(append([]any{before}, args...), span[0]-zoneMost, span[1]+zoneMost, span[0], span[1], limit)
		found, err = jobRows(s, "seq < ?"+where+` AND transacted > 0 AND transacted >= ? AND transacted < ?
			AND transacted + zone * 1000 >= ? AND transacted + zone * 1000 < ? ORDER BY seq DESC LIMIT ?`, all...)
		if err != nil || only {
			return found, err
		}
	}
	rows, err := q.byKeys(s, searchKeysOf(text), before, limit, where, args)
	if err != nil {
		return nil, err
	}
	rows = append(rows, found...)
	slices.SortFunc(rows, func(a, b jobRow) int { return cmp.Compare(b.seq, a.seq) })
	rows = slices.CompactFunc(rows, func(a, b jobRow) bool { return a.seq == b.seq })
	return rows[:min(len(rows), limit)], nil
}

// byKeys walks the search keys from the latest bucket backwards until there are enough jobs.
func (q *Queue) byKeys(s source, keys []string, before int64, limit int, where string, args []any) ([]jobRow, error) {
	var last int64
	if err := s.row("SELECT coalesce(max(seq), 0) FROM jobs").Scan(&last); err != nil {
		return nil, err
	}
	var first int64
	if err := s.row("SELECT coalesce(min(seq), 0) FROM jobs").Scan(&first); err != nil {
		return nil, err
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ")
	var list []jobRow
	for bucket := bucketOf(min(last, before)); bucket >= bucketOf(first); bucket-- {
		in := []any{bucket}
		for _, k := range keys {
			in = append(in, k)
		}
		all := append(append(in, before), args...)
		rows, err := jobRows(s, "seq IN (SELECT job FROM keys WHERE bucket = ? AND key IN ("+marks+")) AND seq < ?"+where+" ORDER BY seq DESC LIMIT ?",
			append(all, limit-len(list))...)
		if err != nil {
			return nil, err
		}
		if list = append(list, rows...); len(list) >= limit {
			break
		}
	}
	return list, nil
}

// searchKeysOf reads what a person typed. Digits may be a voucher, the last four, an amount or an order number: all are
// looked for.
func searchKeysOf(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	keys := []string{"o" + text}
	digits := strings.Trim(text, "0123456789") == ""
	if digits && len(text) <= 6 {
		if v := voucherNumber(text); v != noVoucher {
			keys = append(keys, "v"+strconv.FormatInt(v, 10))
		}
	}
	if digits && len(text) == 4 {
		keys = append(keys, "l"+text)
	}
	return append(keys, amountKeys(strings.TrimLeft(strings.ReplaceAll(text, ",", ""), "¥￥$€"))...)
}

// amountKeys reads an amount in major units; currencies have 0, 2 or 3 decimals.
func amountKeys(text string) []string {
	whole, frac, _ := strings.Cut(text, ".")
	if whole == "" || len(whole) > 12 || len(frac) > 3 || strings.Trim(whole+frac, "0123456789") != "" {
		return nil
	}
	var keys []string
	for _, exp := range []int{0, 2, 3} {
		if len(frac) > exp {
			continue
		}
		n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", exp-len(frac)), 10, 64)
		if err == nil && n != 0 {
			keys = append(keys, "a"+strconv.FormatInt(n, 10))
		}
	}
	return keys
}

// zoneMost is more than any clock is ahead of or behind UTC, in milliseconds.
const zoneMost = 15 * 3600 * 1000

// clockAhead is how much a terminal's clock may be ahead of ours and still be taken for today's.
const clockAhead = 10 * time.Minute

// terminalNow is what a terminal's clock shows now, written as UTC: in the zone of the latest slip, else in ours.
func (q *Queue) terminalNow(s source) (time.Time, error) {
	now := q.now()
	_, zone := now.Zone()
	err := s.row("SELECT zone FROM jobs WHERE transacted > 0 ORDER BY seq DESC LIMIT 1").Scan(&zone)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return now, err
	}
	return now.UTC().Add(time.Duration(zone) * time.Second), nil
}

// timeOf reads a time that a person copied from a slip: a minute, a day, or a minute of a day. now is what the terminal's
// clock shows, as UTC; so is the span, in milliseconds. A minute without a day is the latest one that is over. only tells
// that it can be nothing else; what a keypad can type, 12.34 and 1234, can be.
func timeOf(text string, now time.Time) (span [2]int64, only, ok bool) {
	within := func(at time.Time, d time.Duration) [2]int64 { return [2]int64{at.UnixMilli(), at.Add(d).UnixMilli()} }
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return within(at, time.Minute), true, true
		}
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return within(at, 24*time.Hour), true, true
	}
	for _, layout := range []string{"15:04", "15.04", "1504"} {
		if at, err := time.Parse(layout, text); err == nil {
			day := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
			if day.After(now.Add(clockAhead)) {
				day = day.AddDate(0, 0, -1)
			}
			return within(day, time.Minute), layout == "15:04", true
		}
	}
	return span, false, false
}
