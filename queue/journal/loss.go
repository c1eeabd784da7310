package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
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
)

// lossCauses gives each cause the number under which it is kept.
var lossCauses = []LossCause{"", LossMissing, LossBehind, LossForeign, LossChanged, LossSeal}

// reasonLost is the reason of the alarm that tells of a loss.
const reasonLost = "journal_lost"

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
	}[l.Cause]
	return job.Text{
		Zh: what.Zh + "（" + at + " 启动时发现）。之前的单据再打印时标“可能重复”。请把未结算的单据同终端核对，查磁盘；有备份可以恢复：receiptd journal restore。核对后运行：receiptd journal acknowledge",
		En: what.En + " (found at the start of " + at + "). Slips from before print marked POSSIBLE DUPLICATE. Compare what is not settled with the terminal, and check the disk; a backup is put back with receiptd journal restore. Then run: receiptd journal acknowledge",
	}
}

// Loss gives what the journal lost; ok is false when it is whole or somebody acknowledged it.
func (db *DB) Loss() (l Loss, ok bool) {
	if p := db.loss.Load(); p != nil {
		return *p, true
	}
	return Loss{}, false
}

// Acknowledge notes that a person knows of the loss. It reports false when there was none.
func (db *DB) Acknowledge(ctx context.Context, operator string) (bool, error) {
	l, ok := db.Loss()
	if !ok {
		return false, nil
	}
	err := db.w.do(ctx, func(t *Tx) error {
		if err := t.note("lost_seen", 1); err != nil {
			return err
		}
		_, err := t.Emit(record.Event{Type: vocabulary.EventPersonSaid, Reason: reasonLost, Operator: operator, Detail: "journal loss acknowledged: " + string(l.Cause)})
		t.after = append(t.after, func() { db.loss.Store(nil) })
		return err
	})
	if err != nil {
		return false, fmt.Errorf("acknowledge the journal's loss: %w", err)
	}
	return true, nil
}

// note writes a number into meta.
func (t *Tx) note(key string, n int64) error {
	return t.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, n)
}

// A finding is a loss with what was seen, for the log.
type finding struct {
	Loss
	detail string
}

// lookForLoss compares the journal with its seals and its content with its chain. meta is what the journal holds.
func (t *Tx) lookForLoss(meta map[string]int64, seals []seal) (*finding, error) {
	f, err := behindSeal(t, t.db.path, t.event, meta, seals)
	if err != nil {
		return nil, err
	}
	last := int64(tailChecked)
	if small, err := t.isSmall(); err != nil {
		return nil, err
	} else if small {
		last = 0
	}
	found, err := contradictions(t, last)
	if err != nil || len(found) == 0 {
		return f, err
	}
	text := strings.Join(found, "; ")
	t.w.digest.Strings(text)
	sum := t.w.digest.Sum()
	switch {
	case f != nil:
		f.detail += "; " + text
	case meta["damage"] == sum:
		return nil, nil // it was told of already
	default:
		f = &finding{Loss{Cause: LossChanged}, text}
	}
	return f, t.note("damage", sum)
}

// tailChecked is how many of the newest events, jobs and copies of a big journal are looked at when it is opened; Verify looks at
// all.
const tailChecked = 2000

// isSmall reports whether the journal is small enough to be read whole when it is opened.
func (t *Tx) isSmall() (small bool, err error) {
	err = t.Row("SELECT page_count * page_size <= ? FROM pragma_page_count, pragma_page_size", checkedSize).Scan(&small)
	return small, err
}

// behindSeal tells what the seals know that the journal, whose newest event is given, does not.
func behindSeal(src record.Source, path string, newest int64, meta map[string]int64, seals []seal) (*finding, error) {
	if len(seals) == 0 {
		if meta["sealed"] != placeOf(path) {
			return nil, nil // a copy, a journal of a version without seals, or one that was never opened to its end
		}
		return &finding{Loss{Cause: LossSeal}, "no readable seal"}, nil
	}
	for _, s := range seals {
		if s.birth != meta["birth"] {
			continue
		}
		if s.event > newest {
			return &finding{Loss{Cause: LossBehind, Events: s.event - newest}, fmt.Sprintf("the newest event is %d, the sealed one %d", newest, s.event)}, nil
		}
		chain, known, err := chainAt(src, s.event)
		if err == nil && known && chain != s.chain {
			return &finding{Loss{Cause: LossChanged}, fmt.Sprintf("event %d is not the one that was sealed", s.event)}, nil
		}
		return nil, err
	}
	return &finding{Loss{Cause: LossForeign}, "the seal is of another journal"}, nil
}

// chainAt gives the chain at an event, also at one that retention removed last before a gap.
func chainAt(s record.Source, event int64) (chain int64, known bool, err error) {
	err = s.Row(`SELECT coalesce((SELECT chain FROM events WHERE seq = ?1), (SELECT chain FROM gaps WHERE seq = ?1), -1)`, event).Scan(&chain)
	return max(chain, 0), chain >= 0, err
}

// lostStep is how far numbers jump when a part of the journal was lost: the seal may be behind by what was not synced, which is
// far less.
const lostStep = 1 << 20

// recordLoss notes a loss in the journal, so that nothing which was lost passes for new: what comes from before is a possible
// duplicate, and no number is given again.
func (t *Tx) recordLoss(f *finding) error {
	db := t.db
	f.At = db.now()
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
	t.w.proof += proofSkip()
	for _, n := range []struct {
		key   string
		value int64
	}{
		{"born", record.Millis(f.At)}, {"replaced", 1}, {"proof", t.w.proof}, {"lost_at", record.Millis(f.At)}, {"lost_events", f.Events}, {"lost_seen", 0},
		{"lost_cause", causeNumber(f.Cause)},
	} {
		if err := t.note(n.key, n.value); err != nil {
			return err
		}
	}
	text := f.Text()
	_, err = t.Emit(record.Event{Type: vocabulary.EventAlarm, Reason: reasonLost, Detail: text.Zh + " / " + text.En})
	db.log.Error("the journal lost something: slips from before print marked as possible duplicates", "cause", string(f.Cause), "missing events", f.Events,
		"found", f.detail, "journal", db.path, "next", "receiptd doctor")
	return err
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

// proofSkip is how far the counter of proofs jumps past what a lost journal may have given: a quarter of all ids at least, half of
// them at most, so that a late proof of an attempt from before is still known.
func proofSkip() int64 {
	var r [6]byte
	randomBytes(r[:])
	const quarter = record.ProofIDs / record.ProofStep / 4
	return (quarter + int64(uint48(r[:])%quarter)) * record.ProofStep
}
