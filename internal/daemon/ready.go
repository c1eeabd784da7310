package daemon

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/receiptd/receiptd/internal/hint"
	inwords "github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/spool"
)

// leastRoom is the free space, in bytes, below which a program may not get its next file into the drop folder: a few files of the
// greatest size.
const leastRoom = 1 << 20

// Readiness tells whether a job dropped now would be taken, and whether receiptd is alive.
type readiness struct {
	waiting *queue.Waiting
	spool   *spool.Spool
	dir     string // of the drop folder
}

// checks are what must work, beside the journal, for a job to be taken and answered now.
func (r *readiness) checks() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"drop_folder": func(ctx context.Context) error { return r.spool.Ready(ctx, r.dropFolder) },
		"take_loop":   func(context.Context) error { return r.spool.Taking() },
		"answer_loop": func(context.Context) error { return r.spool.Answering() },
	}
}

// alive says why the service manager should not hear a sign of life; nil when it should.
func (r *readiness) alive(ctx context.Context) error {
	if _, err := r.waiting.Outstanding(ctx); err != nil {
		return fmt.Errorf("the journal does not answer: %w", err)
	}
	if err := r.spool.Taking(); err != nil {
		return fmt.Errorf("the loop that takes files from the drop folder: %w", err)
	}
	if err := r.spool.Answering(); err != nil {
		return fmt.Errorf("the loop that writes answers: %w", err)
	}
	return nil
}

// dropFolder finds out whether programs, too, can put files into the drop folder under its name. What receiptd may do others may not:
// a part of the disk can be kept for root, and the folder's mode speaks to its group. It asks after spool.Ready, which wrote a file and
// found that the name leads to the folder that is held, and writes none of its own.
func (r *readiness) dropFolder() error {
	dir := filepath.Join(r.dir, "incoming")
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the drop folder: %w", err)
	}
	if shut(info.Mode()) {
		return inwords.New(fmt.Sprintf("程序写不进投递文件夹：权限是 %v，运行：%s", info.Mode(), hint.Open(dir)),
			fmt.Sprintf("programs cannot write to the drop folder: its mode is %v, run: %s", info.Mode(), hint.Open(dir)))
	}
	return checkRoom(dir)
}

// shut reports whether a folder's mode keeps programs out: nobody may write, or not the group for whose files it was set up.
func shut(mode fs.FileMode) bool {
	const all, group = 0o222, 0o030
	return mode.Perm()&all == 0 || mode&fs.ModeSetgid != 0 && mode.Perm()&group != group
}

// checkRoom tells of a disk on which an ordinary program finds no room.
func checkRoom(dir string) error {
	switch free, files, err := room(dir); {
	case err != nil:
		return fmt.Errorf("look at the drop folder's disk: %w", err)
	case free < leastRoom:
		return inwords.New(fmt.Sprintf("程序写不进投递文件夹：磁盘满了（剩 %d kB），清出空间", free>>10),
			fmt.Sprintf("programs cannot write to the drop folder: its disk is full (%d kB left), free some space", free>>10))
	case files == 0:
		return inwords.New("程序写不进投递文件夹：磁盘放不下更多文件，看："+hint.Files(dir), "programs cannot write to the drop folder: its disk holds no further file, see: "+hint.Files(dir))
	}
	return nil
}
