package spool

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/job"
)

// problemResult is the result of a file that holds no job at all.
func problemResult(p job.Problem) job.Result { return job.Result{Errors: []job.Problem{p}} }

func incomplete(n int) job.Problem {
	return job.Problem{Code: "incomplete", Line: 1, Column: 1,
		Message: job.Text{Zh: fmt.Sprintf("任务文件不完整(已有 %d 字节,没有写完)。", n), En: fmt.Sprintf("The job file is incomplete (%d bytes so far, then nothing more came).", n)},
		Fix:     job.Text{Zh: "文件留在原处:写完后会自动处理。最好先写成 .tmp,写完再改名。", En: "The file stays where it is and is taken once it is complete. Best write x.tmp, then rename it."}}
}

func notRegular(mode fs.FileMode) job.Problem {
	zh, en := "特殊文件", "a special file"
	switch {
	case mode.IsDir():
		zh, en = "文件夹", "a folder"
	case mode&fs.ModeSymlink != 0:
		zh, en = "链接", "a link"
	case mode&fs.ModeNamedPipe != 0:
		zh, en = "管道", "a pipe"
	case mode&fs.ModeSocket != 0:
		zh, en = "套接字", "a socket"
	}
	return job.Problem{Code: "not_a_regular_file", Line: 1, Column: 1,
		Message: job.Text{Zh: "这不是普通文件,是" + zh + ",没有处理。", En: "This is not a regular file but " + en + "; it was left alone."},
		Fix:     job.Text{Zh: "请把它从投递文件夹拿走,投递普通的 JSON 文件。", En: "Take it out of the drop folder and drop a regular JSON file."}}
}

func unreadable(err error) job.Problem {
	if errors.Is(err, errNotRegular) {
		return notRegular(0)
	}
	return job.Problem{Code: "cannot_read", Line: 1, Column: 1,
		Message: job.Text{Zh: "任务文件读不出来(权限或磁盘问题)。", En: "The job file cannot be read (permission or disk)."},
		Fix:     job.Text{Zh: "让运行 receiptd 的用户可以读它（例如 " + hint.Readable("FILE") + "），再投递一次。", En: "Make it readable for the user receiptd runs as (e.g. " + hint.Readable("FILE") + ") and drop it again."}}
}
