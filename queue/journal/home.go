package journal

import (
	"fmt"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// A Home says where a journal lies; 0 for what is not known.
type Home struct {
	Host int64 // the machine
	File int64 // the journal's file: a copy has another one
}

// A MovedError says that the journal was moved to another till: this one must not print or take anything.
type MovedError struct {
	Code int64 // of the till that it was moved to
	At   time.Time
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("this journal was moved to another till on %s", e.At.Local().Format("2006-01-02 15:04"))
}

// The journal's own notes of its home and its moves, as keys of the table meta.
const (
	keyHost    = "host"  // Home.Host
	keyFile    = "file"  // Home.File
	keyMoved   = "moved" // the code of the till to which it was moved
	keyMovedAt = "moved_at"
	keyArrived = "arrived" // the code of the move that brought it here
	keyStayed  = "stayed"  // a move was taken back: another till may have the same slips
)

// movedAway gives a *MovedError for a journal that was moved to another till.
func movedAway(meta map[string]int64) error {
	if meta[keyMoved] == 0 {
		return nil
	}
	return &MovedError{Code: meta[keyMoved], At: record.FromMillis(meta[keyMovedAt])}
}

// lookForCopy tells of a journal that lies elsewhere than where it was last open, and did not come by a move: another one with the
// same slips may be at work, or has gone on since.
func lookForCopy(meta map[string]int64, now Home) *finding {
	other := func(was, is int64) bool { return was != 0 && is != 0 && was != is }
	var detail job.Text
	switch {
	case meta[keyStayed] != 0:
		detail = job.Text{Zh: "它已经搬到另一台收银机，这里还在用", En: "it was moved to another till, and is used here all the same"}
	case other(meta[keyHost], now.Host):
		detail = job.Text{Zh: "它上次是在另一台机器上打开的", En: "it was last open on another machine"}
	case other(meta[keyFile], now.File):
		detail = job.Text{Zh: "这个文件是上次打开的那个的副本", En: "its file is a copy of the one that was last open"}
	default:
		return nil
	}
	return &finding{Loss{Cause: LossCopied}, detail}
}

// noteHome notes where the journal lies now. What is not known leaves what was known.
func noteHome(t *Tx, meta map[string]int64, now Home) error {
	for _, n := range []struct {
		key   string
		value int64
	}{{keyHost, now.Host}, {keyFile, now.File}} {
		if n.value == 0 || meta[n.key] == n.value {
			continue
		}
		if err := t.Note(n.key, n.value); err != nil {
			return err
		}
	}
	if meta[keyStayed] == 0 {
		return nil
	}
	return t.Note(keyStayed, 0)
}
