package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/queue/record"
)

// Restore puts a backup in the place of the journal at path, which no daemon may use. The backup is checked first and
// stays as it is; the journal that was there is kept aside, under the name that is given back ("" when there was none).
//
// What was printed since the backup is not in it. So the restored journal counts as a new one that replaced another: slips
// from before now print marked POSSIBLE DUPLICATE, and numbers of proofs and files begin where the lost one has not been.
// A crash leaves either journal in place, or none and the old one aside. Errors: ErrLocked, ErrCorrupt, ErrNewer,
// *MovedError.
func Restore(ctx context.Context, path, backup string, now time.Time) (kept string, err error) {
	err = withLock(path, func() error {
		kept, err = restore(ctx, path, backup, now)
		return err
	})
	return kept, err
}

func restore(ctx context.Context, path, backup string, now time.Time) (kept string, err error) {
	if meta, err := metaOf(ctx, path); err == nil { // a damaged one tells nothing, and is what a backup is for
		if err := movedAway(meta); err != nil {
			return "", err
		}
	}
	part := path + ".restore"
	defer func() { err = errors.Join(err, removeAll(part)) }()
	if err := removeAll(part); err != nil {
		return "", err
	}
	if err := copyJournal(ctx, part, backup); err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	if err := verifyFile(ctx, part); err != nil {
		return "", fmt.Errorf("backup %s: %w", backup, err)
	}
	seals, err := readSeals(path)
	if err != nil {
		return "", err
	}
	next, err := rebirth(ctx, part, seals, now)
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if err := errors.Join(likeIts(part, path), syncFile(part)); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if err := addSeal(path, next); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if exists(path) || exists(path+"-wal") {
		if kept, err = setAside(path, replacedMark, now); err != nil {
			return "", err
		}
	}
	if err := os.Rename(part, path); err != nil {
		return kept, fmt.Errorf("restore: %w", err)
	}
	return kept, syncFolder(filepath.Dir(path))
}

// rebirth writes into a copy of a journal that it replaces another, and gives the seal that it gets. seals are those of the lost one.
func rebirth(ctx context.Context, path string, seals []seal, now time.Time) (next seal, err error) {
	db, err := sql.Open("sqlite", dsn(path, "journal_mode(DELETE)", "synchronous(FULL)"))
	if err != nil {
		return next, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return next, err
	}
	defer t.Rollback()
	row := func(query string, args ...any) record.Scanner { return t.QueryRowContext(ctx, query, args...) }
	for _, s := range seals {
		next.serial, next.proof, next.file = max(next.serial, s.serial), max(next.proof, s.proof), max(next.file, s.file)
		next.event, next.job, next.copy, next.batch = max(next.event, s.event), max(next.job, s.job), max(next.copy, s.copy), max(next.batch, s.batch)
	}
	if next.chain, err = lastChain(row); err != nil {
		return next, err
	}
	notes := map[string]int64{"born": record.Millis(now), "replaced": 1, "birth": newBirth(), keyHost: 0, keyFile: 0, keyMoved: 0, keyStayed: 0, keyArrived: 0}
	next.birth = notes["birth"]
	higher := func(n *int64, query, key string, step int64) error {
		var has int64
		err := row("SELECT max(coalesce(("+query+"), 0), coalesce((SELECT value FROM meta WHERE key = ?), 0))", key).Scan(&has)
		*n = max(*n, has) + step
		notes[key] = *n
		return err
	}
	err = next.each(func(n *int64, table, column, key string) error {
		return higher(n, "SELECT max("+column+") FROM "+table, key, lostStep)
	})
	err = errors.Join(err, higher(&next.proof, "SELECT max(proof) FROM attempts", "proof", proofSkip()), higher(&next.file, millisText(now), "file_seq", 0))
	if err != nil {
		return next, err
	}
	for key, n := range notes {
		if _, err := t.ExecContext(ctx, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, n); err != nil {
			return next, err
		}
	}
	if next.chain != 0 {
		if _, err := t.ExecContext(ctx, "INSERT INTO gaps (seq, chain) VALUES (?, ?)", next.event, next.chain); err != nil {
			return next, err
		}
	}
	return next, t.Commit()
}

func millisText(t time.Time) string { return "SELECT " + strconv.FormatInt(record.Millis(t), 10) }

// lastChain gives the chain at a journal's last event; 0 when it has none yet, as in a backup of an older version.
func lastChain(row func(query string, args ...any) record.Scanner) (chain int64, err error) {
	var chained bool
	err = row("SELECT EXISTS (SELECT 1 FROM pragma_table_info('events') WHERE name = 'chain')").Scan(&chained)
	if err != nil || !chained {
		return 0, err
	}
	err = row("SELECT coalesce((SELECT chain FROM (SELECT seq, chain FROM events UNION ALL SELECT seq, chain FROM gaps) ORDER BY seq DESC LIMIT 1), 0)").Scan(&chain)
	return chain, err
}
