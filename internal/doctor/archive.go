package doctor

import "context"

// archive tells of slips that are not filed although they should be.
func (x *examination) archive(ctx context.Context) {
	if !x.running || x.o.Archive == nil || !x.o.Config.Archive.On {
		return
	}
	st, err := x.o.Archive(ctx)
	switch {
	case err != nil: // a daemon that does not answer is told of by the call before
	case !st.On:
		x.add("archive", Hint, st.Dir, text("配置里开了存档，运行中的 receiptd 还没有读到", "the configuration files slips, and the receiptd that runs has not read it yet"), text("等几秒再看：receiptd archive status", "look again in a few seconds: receiptd archive status"))
	case st.Stopped == "disk_low":
		x.add("archive", Warning, st.Dir, text(st.Text.Zh, st.Text.En), text("腾出磁盘空间，或把 archive.months 改小", "free some space on the disk, or set archive.months lower"))
	case st.Stopped != "":
		x.add("archive", Warning, st.Dir, text(st.Text.Zh, st.Text.En), text("看看这个文件夹的权限和磁盘：receiptd doctor", "look at the folder's permissions and its disk: receiptd doctor"))
	default:
		x.good("archive", st.Dir, "小票都存进了存档", "slips are filed in the archive")
	}
}
