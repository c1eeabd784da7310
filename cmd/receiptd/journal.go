package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/queue"
)

func newJournalCommand(a *app) *cobra.Command {
	return a.group("journal", "备份和检查账本", "Back up and check the journal", newJournalBackup(a), newJournalVerify(a))
}

func newJournalBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: a.say("不停机备份账本", "Copy the whole journal while everything goes on"), Args: a.one("FILE"),
		Long: a.say("备份写完整、落盘之后才出现在 FILE；已有的文件不会被覆盖。receiptd 没在运行时直接复制数据文件夹里的 journal.db。",
			"FILE appears when the copy is complete and on disk; an existing file is never overwritten. While no daemon runs, copy\njournal.db of the data folder instead."),
		Example: "  receiptd journal backup /backup/receiptd-$(date +%F).db",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Lstat(args[0]); err == nil {
				return codeError{exitFailed, a.say("文件已存在，不覆盖：", "the file exists and is not overwritten: ") + args[0]}
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			n, err := a.download(cmd, c, client.Call{Method: http.MethodGet, Path: "/v1/journal/backup"}, args[0], os.O_EXCL)
			if err != nil {
				return err
			}
			return a.print(map[string]any{"file": args[0], "bytes": n}, func(w io.Writer) {
				fmt.Fprintf(w, a.say("已备份：%s（%d 字节）\n", "backed up: %s (%d bytes)\n"), args[0], n)
			})
		},
	}
}

// download writes an answer to a file that stands under its name only when it is complete and on disk. how is os.O_EXCL or
// os.O_TRUNC: what to do with a part that an earlier try left.
func (a *app) download(cmd *cobra.Command, c *client.Client, call client.Call, path string, how int) (n int64, err error) {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(part)
		}
	}()
	m := a.meter(0, path)
	err = c.Stream(cmd.Context(), call, io.MultiWriter(f, m))
	m.done()
	if err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	st, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(part, path); err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return st.Size(), nil
}

func newJournalVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "verify [FILE]", Short: a.say("检查账本或备份是否完好", "Check that the journal, or a backup, is sound"), Args: a.want("FILE", 0, 1),
		Long: a.say("逐页检查，并查有没有断了的引用、重复的打印号、没有标记的第二张。receiptd 在运行就由它检查，没在运行就直接读文件。",
			"Reads every page, and looks for references that lead nowhere, print numbers given twice, second copies without their\nmark. The daemon does it when it runs; else the file is read."),
		Example: "  receiptd journal verify\n  receiptd journal verify /backup/receiptd-2026-08-11.db",
		RunE: func(cmd *cobra.Command, args []string) error {
			var found string
			var err error
			if len(args) == 1 {
				found, err = verifyCopy(cmd.Context(), args[0])
			} else {
				found, err = a.verify(cmd.Context())
			}
			if err != nil {
				return err
			}
			err = a.print(map[string]any{"ok": found == "", "found": found}, func(w io.Writer) {
				if found == "" {
					fmt.Fprintln(w, a.say("账本完好。", "The journal is sound."))
				}
			})
			if err == nil && found != "" {
				err = codeError{exitFailed, a.say("账本有损坏："+found+"\n先备份数据文件夹，不要删除任何文件。", "the journal is damaged: "+found+"\nCopy the data folder first, and delete nothing.")}
			}
			return err
		},
	}
}

// verify asks the daemon, and reads the journal itself when none runs.
func (a *app) verify(ctx context.Context) (string, error) {
	cfg, err := a.loadConfig()
	if err != nil {
		return "", err
	}
	var out struct {
		Found string `json:"found"`
	}
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err == nil {
		err = c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/journal/verify"}, &out)
	}
	if err == nil || !errors.Is(err, client.ErrUnreachable) {
		return out.Found, err
	}
	return verifyFile(ctx, filepath.Join(cfg.Data.Dir, "journal.db"))
}

// verifyFile checks a journal that no daemon uses: it takes the daemon's lock meanwhile.
func verifyFile(ctx context.Context, path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("read journal: %w", err)
	}
	q, err := queue.Open(ctx, path, queue.Options{Ballast: -1})
	if errors.Is(err, queue.ErrCorrupt) {
		return damageText(err), nil
	}
	if err != nil {
		return "", err
	}
	defer q.Close()
	if err := q.Verify(ctx); errors.Is(err, queue.ErrCorrupt) {
		return damageText(err), nil
	} else if err != nil {
		return "", err
	}
	return "", nil
}

func damageText(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// verifyCopy checks a backup through a copy of it, so that the backup itself is not touched.
func verifyCopy(ctx context.Context, path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read backup: %w", err)
	}
	defer in.Close()
	dir, err := os.MkdirTemp("", "receiptd-verify-")
	if err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "journal.db")
	out, err := os.OpenFile(copied, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	n, err := io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", fmt.Errorf("copy backup: %w", err)
	}
	if n == 0 { // an empty file is a new journal to SQLite, and no backup
		return "", fmt.Errorf("backup %s is empty: %w", path, fs.ErrInvalid)
	}
	return verifyFile(ctx, copied)
}
