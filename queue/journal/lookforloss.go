package journal

import (
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// lookForLoss compares the journal with its seals and its content with its chain. meta is what the journal holds.
func lookForLoss(t *Tx, path string, meta map[string]int64, seals []seal) (*finding, error) {
	f, err := behindSeal(t, path, t.event, meta, seals)
	if err != nil {
		return nil, err
	}
	last := int64(tailChecked)
	if small, err := isSmall(t); err != nil {
		return nil, err
	} else if small {
		last = 0
	}
	found, err := contradictions(t, last)
	if err != nil || len(found) == 0 {
		return f, err
	}
	text := joined(found)
	t.digest.Strings(text.En)
	told := t.digest.Is(meta["damage"])
	switch {
	case f != nil:
		f.detail = joined([]job.Text{f.detail, text})
	case told:
		return nil, nil // it was told of already
	default:
		f = &finding{Loss{Cause: LossChanged}, text}
	}
	t.digest.Strings(text.En)
	return f, t.Note("damage", t.digest.Sum())
}

// tailChecked is how many of the newest events, jobs and copies of a big journal are looked at when it is opened: more than a crash
// can have caught between two checkpoints of the write-ahead log (1000 pages, of which a slip that comes alone writes some ten).
// Verify looks at all. 2000 cost 100 ms of processor and 15 MB of memory at each start, whatever the journal's size.
const tailChecked = 256

// checkedSize is the size of journal up to which Open checks every page; a bigger one is checked by Verify.
const checkedSize = 2 << 20

// isSmall reports whether the journal is small enough to be read whole when it is opened.
func isSmall(t *Tx) (small bool, err error) {
	err = t.Row("SELECT page_count * page_size <= ? FROM pragma_page_count, pragma_page_size", checkedSize).Scan(&small)
	return small, err
}

// behindSeal tells what the seals know that the journal, whose newest event is given, does not.
func behindSeal(src record.Source, path string, newest int64, meta map[string]int64, seals []seal) (*finding, error) {
	if len(seals) == 0 {
		if meta["sealed"] != placeOf(path) {
			return nil, nil // a copy, a journal of a version without seals, or one that was never opened to its end
		}
		return &finding{Loss{Cause: LossSeal}, job.Text{Zh: "没有能读的封记", En: "no readable seal"}}, nil
	}
	for _, s := range seals {
		if s.birth != meta["birth"] {
			continue
		}
		if s.event > newest {
			return &finding{Loss{Cause: LossBehind, Events: s.event - newest}, job.Text{Zh: fmt.Sprintf("最新的记录是 %d，封记上是 %d", newest, s.event), En: fmt.Sprintf("the newest event is %d, the sealed one %d", newest, s.event)}}, nil
		}
		chain, known, err := chainAt(src, s.event)
		if err == nil && known && chain != s.chain {
			return &finding{Loss{Cause: LossChanged}, job.Text{Zh: fmt.Sprintf("记录 %d 不是封存的那一条", s.event), En: fmt.Sprintf("event %d is not the one that was sealed", s.event)}}, nil
		}
		return nil, err
	}
	return &finding{Loss{Cause: LossForeign}, job.Text{Zh: "封记是另一个日志库的", En: "the seal is of another journal"}}, nil
}

// chainAt gives the chain at an event, also at one that retention removed last before a gap.
func chainAt(s record.Source, event int64) (chain int64, known bool, err error) {
	err = s.Row(`SELECT coalesce((SELECT chain FROM events WHERE seq = ?1), (SELECT chain FROM gaps WHERE seq = ?1), -1)`, event).Scan(&chain)
	return max(chain, 0), chain >= 0, err
}

// recordLoss notes a loss in the journal at path, so that nothing which was lost passes for new: what comes from before is a possible
// duplicate, and no number is given again.
func recordLoss(t *Tx, path string, f *finding) error {
	f.At = t.Now
	chain := t.chain
	err := t.each(func(last *int64, _, _, _ string) error {
		*last += lostStep
		return nil
	})
	if err == nil {
		err = t.Exec("INSERT INTO gaps (seq, chain) VALUES (?, ?)", t.event, chain)
	}
	if err != nil {
		return err
	}
	t.proof += proofSkip()
	for _, n := range []struct {
		key   string
		value int64
	}{
		{"born", record.Millis(f.At)}, {"replaced", 1}, {"proof", t.proof}, {"lost_at", record.Millis(f.At)}, {"lost_events", f.Events}, {"lost_seen", 0},
		{"lost_cause", causeNumber(f.Cause)},
	} {
		if err := t.Note(n.key, n.value); err != nil {
			return err
		}
	}
	text := f.Text()
	_, err = t.Emit(record.Event{Type: vocabulary.EventAlarm, Reason: vocabulary.ReasonJournalLost, Detail: text.Zh + " / " + text.En})
	t.log.Error("the journal lost something: slips from before print marked as possible duplicates", "cause", string(f.Cause), "missing events", f.Events,
		"found", f.detail.En, "journal", path, "next", "receiptd doctor")
	return err
}

// lostStep is how far numbers jump when a part of the journal was lost: the seal may be behind by what was not synced, which is
// far less.
const lostStep = 1 << 20

// proofSkip is how far the counter of proofs jumps past what a lost journal may have given: a quarter of all ids at least, half of
// them at most, so that a late proof of an attempt from before is still known.
func proofSkip() int64 {
	var r [6]byte
	randomBytes(r[:])
	const quarter = record.ProofIDs / record.ProofStep / 4
	return (quarter + int64(uint48(r[:])%quarter)) * record.ProofStep
}
