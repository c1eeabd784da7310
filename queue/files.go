package queue

import (
	"context"
	"time"
)

// writtenDelay is how long notes of written answers gather: they must not burden the commits that slips wait for.
const writtenDelay = time.Second

// MarkWritten notes that this revision of a file's answer stands in the results folder. It does not block: the note goes
// to disk within a second; lost in a crash it costs one needless rewrite.
func (q *Queue) MarkWritten(file string, revision int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.written[file] = max(q.written[file], revision)
	if q.flushAt == nil {
		q.flushAt = time.AfterFunc(writtenDelay, func() {
			if err := q.flushWritten(context.Background()); err != nil {
				q.log.Warn("written answers are not noted", "error", err)
			}
		})
	}
}

// writtenOf gives the revision of a file's answer that waits to be noted, 0 for none.
func (q *Queue) writtenOf(file string) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.written[file]
}

// flushWritten writes the notes.
func (q *Queue) flushWritten(ctx context.Context) error {
	q.mu.Lock()
	none := len(q.written) == 0
	q.mu.Unlock()
	if none {
		return nil
	}
	return q.do(ctx, q.saveWritten)
}

// takeWritten takes the notes out of memory: from now on they are the caller's.
func (q *Queue) takeWritten() map[string]int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.written) == 0 {
		return nil
	}
	list := q.written
	q.written = map[string]int64{}
	if q.flushAt != nil {
		q.flushAt.Stop()
		q.flushAt = nil
	}
	return list
}

// saveWritten takes the notes into a transaction.
func (q *Queue) saveWritten(t *tx) error {
	list := q.takeWritten()
	if len(list) == 0 {
		return nil
	}
	t.Undo(func() {
		for f, rev := range list {
			q.MarkWritten(f, rev)
		}
	})
	for f, rev := range list {
		err := t.Exec(`UPDATE files SET written = ? WHERE seq = (SELECT max(seq) FROM files WHERE name = ?) AND written < ?`, rev, f, rev)
		if err != nil {
			return err
		}
	}
	return nil
}
