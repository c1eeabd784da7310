package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// journalCommands are `receiptd journal`: back up, check and restore.
type journalCommands struct{ a *app }

func (g journalCommands) command() *cobra.Command {
	return g.a.group("journal", "备份、检查、恢复、搬走日志库", "Back up, check, restore and move the journal", g.newBackup(), g.newVerify(), g.restore(), g.move(), g.acknowledge())
}

func (g journalCommands) newBackup() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: g.a.say("不停机备份日志库", "Copy the whole journal while everything goes on"), Args: g.a.one("FILE"),
		Long: g.a.say("备份写完整、落盘之后才出现在 FILE；已有的文件不会被覆盖。receiptd 没在运行也能备份。不要直接复制 journal.db：最近的单据可能不在里面。",
			"FILE appears when the copy is complete and on disk; an existing file is never overwritten. It works without the daemon\ntoo. Do not copy journal.db itself: the latest slips may not be in it."),
		Example: "  receiptd journal backup /backup/receiptd-$(date +%F).db",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Lstat(args[0]); err == nil {
				return codeError{exitFailed, g.a.say("文件已存在，不覆盖：", "the file exists and is not overwritten: ") + args[0]}
			}
			n, err := g.backup(cmd, args[0])
			if err != nil {
				return longWork(g).unlessStopped(cmd.Context(), err, "没有写备份，也没有留下半个文件。", "there is no backup, and no half of a file.")
			}
			return g.a.print(map[string]any{"file": args[0], "bytes": n}, func(w io.Writer) {
				fmt.Fprintf(w, g.a.say("已备份：%s（%d 字节）\n", "backed up: %s (%d bytes)\n"), args[0], n)
			})
		},
	}
}

// backup asks the daemon for a copy of the journal, and makes it itself when none runs. It gives its size.
func (g journalCommands) backup(cmd *cobra.Command, file string) (int64, error) {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return 0, err
	}
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err == nil {
		var n int64
		n, err = g.download(cmd, c, client.Call{Method: http.MethodGet, Path: "/v1/journal/backup"}, file, os.O_EXCL)
		if err == nil {
			return n, nil
		}
	}
	if !errors.Is(err, client.ErrUnreachable) {
		return 0, err
	}
	err = longWork(g).during(g.a.say("备份", "backing up"), func() error {
		return queue.BackupFile(cmd.Context(), filepath.Join(cfg.Data.Dir, "journal.db"), file)
	})
	if err != nil {
		return 0, err
	}
	st, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("look at backup: %w", err)
	}
	return st.Size(), nil
}

// download writes an answer to a file that stands under its name only when it is complete and on disk. how is os.O_EXCL or
// os.O_TRUNC: what to do with a part that an earlier try left.
func (g journalCommands) download(cmd *cobra.Command, c *client.Client, call client.Call, path string, how int) (n int64, err error) {
	part := path + ".part"
	if how == os.O_TRUNC {
		os.Remove(part) // the name itself, wherever it leads
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(part)
		}
	}()
	m := longWork(g).bytes(path)
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

func (g journalCommands) newVerify() *cobra.Command {
	return &cobra.Command{
		Use: "verify [FILE]", Short: g.a.say("检查日志库或备份是否完好", "Check that the journal, or a backup, is sound"), Args: g.a.want("FILE", 0, 1),
		Long: g.a.say("逐页检查，并查有没有断了的引用、重复的打印号、没有标记的第二张、被改动或丢失的记录。receiptd 在运行就由它检查，没在运行就直接读文件。",
			"Reads every page, and looks for references that lead nowhere, print numbers given twice, second copies without their\nmark, records that were changed or lost. The daemon does it when it runs; else the file is read."),
		Example: "  receiptd journal verify\n  receiptd journal verify /backup/receiptd-2026-08-11.db",
		RunE: func(cmd *cobra.Command, args []string) error {
			var found job.Text
			err := longWork(g).during(g.a.say("检查", "checking"), func() (err error) {
				if len(args) == 1 {
					found, err = verifyCopy(cmd.Context(), args[0])
				} else {
					found, err = g.verify(cmd.Context())
				}
				return err
			})
			if err != nil {
				return longWork(g).unlessStopped(cmd.Context(), err, "没有查完，什么也没有改。", "it was not checked to the end; nothing was changed.")
			}
			err = g.a.print(map[string]any{"ok": found == job.Text{}, "found": found.En}, func(w io.Writer) {
				if found == (job.Text{}) {
					fmt.Fprintln(w, g.a.say("日志库完好。", "The journal is sound."))
				}
			})
			if err == nil && found != (job.Text{}) {
				err = codeError{exitFailed, g.a.say("日志库有损坏："+found.Zh+"\n先备份数据文件夹，不要删除任何文件。", "the journal is damaged: "+found.En+"\nCopy the data folder first, and delete nothing.")}
			}
			return err
		},
	}
}

func (g journalCommands) acknowledge() *cobra.Command {
	return &cobra.Command{
		Use: "acknowledge", Short: g.a.say("已知晓日志库丢了记录", "Note that you know what the journal lost"), Args: g.a.none(),
		Long: g.a.say("启动时发现日志库丢了记录，页面、doctor 和 /readyz 会一直提示，直到运行这个命令。先把未结算的单据同终端核对，查磁盘。\n之前的单据再打印时仍标“可能重复”。",
			"When a start finds that the journal lost records, page, doctor and /readyz tell so until this command is run. Compare\nwhat is not settled with the terminal and check the disk first. Slips from before go on printing marked POSSIBLE DUPLICATE."),
		Example: "  receiptd journal acknowledge",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var out struct {
				Lost bool `json:"lost"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: "/v1/journal/acknowledge"}, &out); err != nil {
				return err
			}
			return g.a.print(out, func(w io.Writer) {
				if out.Lost {
					fmt.Fprintln(w, g.a.say("已记录。", "Noted."))
				} else {
					fmt.Fprintln(w, g.a.say("日志库没有丢记录。", "The journal has lost nothing."))
				}
			})
		},
	}
}

// verify asks the daemon, and reads the journal itself when none runs.
func (g journalCommands) verify(ctx context.Context) (job.Text, error) {
	cfg, err := g.a.loadConfig()
	if err != nil {
		return job.Text{}, err
	}
	var out api.Verified
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err == nil {
		err = c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/journal/verify"}, &out)
	}
	if err == nil || !errors.Is(err, client.ErrUnreachable) {
		if !out.OK && out.Text == (job.Text{}) { // a daemon from before an upgrade, which told it in English alone
			out.Text = job.Text{Zh: out.Found, En: out.Found}
		}
		return out.Text, err
	}
	return verifyFile(ctx, filepath.Join(cfg.Data.Dir, "journal.db"))
}

// verifyFile checks a journal that no daemon uses: it takes the daemon's lock meanwhile.
func verifyFile(ctx context.Context, path string) (job.Text, error) {
	err := queue.VerifyFile(ctx, path)
	if found, ok := queue.DamageOf(err); ok {
		return found, nil
	}
	return job.Text{}, err
}

// verifyCopy checks a backup through a copy of it, so that nothing appears beside the backup itself.
func verifyCopy(ctx context.Context, path string) (job.Text, error) {
	dir, err := os.MkdirTemp("", "receiptd-verify-")
	if err != nil {
		return job.Text{}, fmt.Errorf("copy backup: %w", err)
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "journal.db")
	if err := copyBackup(ctx, copied, path); err != nil {
		return job.Text{}, err
	}
	if _, err := os.Lstat(path + "-wal"); err == nil { // a journal that was set aside as it was
		if err := copyBackup(ctx, copied+"-wal", path+"-wal"); err != nil {
			return job.Text{}, err
		}
	}
	return verifyFile(ctx, copied)
}

func copyBackup(ctx context.Context, to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy backup: %w", err)
	}
	err = copyUnlessStopped(ctx, out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copy backup: %w", err)
	}
	return nil
}

func (g journalCommands) restore() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: g.a.say("用备份换下现在的日志库", "Put a backup in the journal's place"), Args: g.a.one("FILE"),
		Long: g.a.say("先停掉 receiptd。先检查备份，再换；原来的日志库改名留着，不删除。备份之后打印过的单据，恢复的日志库不知道：恢复之前的单据再打印时\n"+
			"标“可能重复”；备份之后的结算也不知道，启动后先核对批次（receiptd batch list）。",
			"Stop the daemon first. The backup is checked before it is put in place; the journal that was there is kept under another\n"+
				"name. What was printed after the backup is not in it: slips from before the restore print marked POSSIBLE DUPLICATE.\n"+
				"Settlements after the backup are not in it either: look at the batches (receiptd batch list) after the start."),
		Example: "  receiptd journal restore /backup/receiptd-2026-08-11.db",
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			var kept string
			err = longWork(g).during(g.a.say("恢复", "restoring"), func() (err error) {
				kept, err = queue.Restore(cmd.Context(), filepath.Join(cfg.Data.Dir, "journal.db"), args[0], time.Now())
				return err
			})
			if err = longWork(g).unlessStopped(cmd.Context(), err, "没有恢复，原来的日志库还在原处。", "nothing was restored; the journal stays as it was."); err != nil && cmd.Context().Err() != nil {
				return err
			}
			if found, ok := queue.DamageOf(err); ok {
				return codeError{exitFailed, g.a.say("这个备份不能用，日志库没有动："+found.Zh, "this backup cannot be used; the journal was left as it is: "+found.En)}
			}
			if err != nil {
				return g.moveFault(err)
			}
			return g.a.print(map[string]any{"restored": args[0], "kept": kept}, func(w io.Writer) {
				fmt.Fprintf(w, g.a.say("已恢复：%s\n", "restored: %s\n"), args[0])
				if kept != "" {
					fmt.Fprintf(w, g.a.say("原来的日志库留在 %s\n", "the journal that was there is kept as %s\n"), kept)
				}
				fmt.Fprintln(w, g.a.say("恢复之前的单据再打印时标“可能重复”。启动后先核对批次：receiptd batch list",
					"Slips from before now print marked POSSIBLE DUPLICATE. After the start look at the batches: receiptd batch list"))
			})
		},
	}
}
