package history

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/queue/journal"
	"github.com/receiptd/receiptd/queue/record"
)

// search lists the jobs, the latest arrival first, that a typed text means among those of where: by their keys, by the time
// on the slip, or both. An empty text means all.
func (h *Jobs) search(s journal.Reader, text string, before int64, limit int, where string, args []any) ([]record.JobRow, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return record.Jobs(s, "seq < ?"+where+" ORDER BY seq DESC LIMIT ?", append(append([]any{before}, args...), limit)...)
	}
	found, only, err := h.byTime(s, text, before, limit, where, args)
	if err != nil || only {
		return newest(found, limit), err
	}
	rows, err := h.byKeys(s, searchKeysOf(text), before, limit, where, args)
	if err != nil {
		return nil, err
	}
	return newest(append(rows, found...), limit), nil
}

// byTime lists the slips of a time, none when the text is no time. only tells that it can be nothing else.
func (h *Jobs) byTime(s journal.Reader, text string, before int64, limit int, where string, args []any) (found []record.JobRow, only bool, err error) {
	if _, _, isTime := timeOf(text, time.Time{}); !isTime {
		return nil, false, nil
	}
	zones, err := h.zones(s)
	if err != nil {
		return nil, false, err
	}
	span, only, _ := timeOf(text, h.now().UTC().Add(time.Duration(zones[0])*time.Second))
	for _, zone := range zones {
		// The plus signs make SQLite go by the index of times, and in it by the first bound that is named.
		all := append(append([]any{before}, args...), span[0]-zone*1000, span[1]-zone*1000, zone, limit)
		rows, err := record.Jobs(s, "+seq < ?"+where+" AND transacted >= ? AND transacted < ? AND transacted > 0 AND zone = ? ORDER BY +seq DESC LIMIT ?", all...)
		if err != nil {
			return nil, false, err
		}
		found = append(found, rows...)
	}
	return found, only, nil
}

// newest gives each job once, the latest arrival first.
func newest(rows []record.JobRow, limit int) []record.JobRow {
	slices.SortFunc(rows, func(a, b record.JobRow) int { return cmp.Compare(b.Seq, a.Seq) })
	rows = slices.CompactFunc(rows, func(a, b record.JobRow) bool { return a.Seq == b.Seq })
	return rows[:min(len(rows), limit)]
}

// bucketsAtOnce is how many buckets one query asks at most. A walk begins with one and takes four times as many each time: what is
// found lies most often in the latest, and of a million slips there are 245.
const bucketsAtOnce = 64

// byKeys walks the search keys from the latest bucket backwards until there are enough jobs.
func (h *Jobs) byKeys(s journal.Reader, keys []string, before int64, limit int, where string, args []any) ([]record.JobRow, error) {
	var last int64
	if err := s.Row("SELECT coalesce(max(seq), 0) FROM jobs").Scan(&last); err != nil {
		return nil, err
	}
	var first int64
	if err := s.Row("SELECT coalesce(min(seq), 0) FROM jobs").Scan(&first); err != nil {
		return nil, err
	}
	in := make([]any, 0, bucketsAtOnce+len(keys)+1+len(args)+1)
	var list []record.JobRow
	bucket, end := record.BucketOf(min(last, before)), record.BucketOf(first)
	for n := int64(1); bucket >= end && len(list) < limit; n = min(4*n, bucketsAtOnce) {
		n := min(n, bucket-end+1)
		in = in[:0]
		for range n {
			in = append(in, bucket)
			bucket--
		}
		for _, k := range keys {
			in = append(in, k)
		}
		in = append(append(append(in, before), args...), limit-len(list))
		rows, err := record.ScanJobs(s.Unprepared().Query("SELECT "+record.JobColumns+" FROM jobs WHERE seq IN (SELECT job FROM keys WHERE bucket IN ("+marks(int(n))+
			") AND key IN ("+marks(len(keys))+")) AND seq < ?"+where+" ORDER BY seq DESC LIMIT ?", in...))
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	return list, nil
}

// marks gives n places for values.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

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
		if v := record.VoucherNumber(text); v != record.NoVoucher {
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

// clockAhead is how much a terminal's clock may be ahead of ours and still be taken for today's.
const clockAhead = 10 * time.Minute

// zonesOf is how many slips tell what zones there are.
const zonesOf = 1000

// zones gives how far terminals' clocks are ahead of UTC, in seconds: first that of the latest slip, or ours, then those of
// other late slips, and each an hour more and less, for summer time.
func (h *Jobs) zones(s record.Source) ([]int64, error) {
	// The plus sign keeps SQLite from sorting all slips by an index of times.
	list, err := record.Column[int64](s, "SELECT zone FROM (SELECT zone, seq FROM jobs WHERE +transacted > 0 ORDER BY seq DESC LIMIT ?) GROUP BY zone ORDER BY max(seq) DESC", zonesOf)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		_, zone := h.now().Zone()
		list = append(list, int64(zone))
	}
	for _, zone := range slices.Clone(list) {
		for _, near := range []int64{zone - 3600, zone + 3600} {
			if !slices.Contains(list, near) {
				list = append(list, near)
			}
		}
	}
	return list, nil
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
