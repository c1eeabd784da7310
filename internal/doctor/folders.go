package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/hint"
)

// The room that a shop's machine should have, in bytes.
const (
	lowRoom  = 512 << 20
	fullRoom = 128 << 20 // the journal's ballast is 64 MB
)

// volume is what is known of the file system below a folder.
type volume struct {
	free    uint64 // bytes for an ordinary user
	inodes  uint64 // files that still fit; counts with known only
	known   bool
	network string // the kind of network share; "" for a local disk
}

// folders looks at the drop folder and the data folder.
func (x *examination) folders() {
	spool, data := x.o.Config.Spool.Dir, x.o.Config.Data.Dir
	incoming := filepath.Join(spool, "incoming")
	x.writable("drop_folder", incoming, spool)
	x.closed(spool)
	if data != spool {
		x.writable("data_folder", data, data)
	}
	x.secrets(data)
	for _, f := range slices.Compact([]string{spool, data}) {
		v, err := volumeOf(existing(f))
		if err != nil {
			continue // told by writable
		}
		x.room(f, v)
		x.share(f, v, f == data)
	}
}

// closed looks whether others may swap or plant what only receiptd should write. What is receiptd's own it closes itself at start.
func (x *examination) closed(spool string) {
	for _, dir := range []string{spool, filepath.Join(spool, "rejected"), filepath.Join(spool, ".taken")} {
		st, err := os.Stat(dir)
		if err != nil || !openToOthers(st) {
			continue
		}
		x.add("drop_folder", Warning, dir, text("别的用户也能写这个文件夹：可以换掉里面的东西", "other users may write into this folder too, and swap what lies there"),
			text("运行："+hint.Close(dir), "run: "+hint.Close(dir)))
	}
}

// secrets looks whether others may read what only receiptd should: a PIN of few digits is soon tried out from its file. Windows keeps rights
// that a file's mode does not show.
func (x *examination) secrets(data string) {
	for _, name := range []string{"supervisor-pin", "name-key", "lan-ca.pem", "lan-leaf.pem"} {
		file := filepath.Join(data, name)
		st, err := os.Stat(file)
		if err != nil || runtime.GOOS == "windows" || st.Mode().Perm()&0o004 == 0 {
			continue
		}
		x.add("data_folder", Warning, file, text("这台电脑上别的用户也能读它", "others on this machine can read it"),
			text("运行："+hint.Private(file), "run: "+hint.Private(file)))
	}
}

// existing is the folder itself, or the nearest one above it that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func (x *examination) writable(check, dir, root string) {
	st, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.missing(check, dir, root)
		return
	case err == nil && !st.IsDir():
		x.add(check, Problem, dir, text("这不是文件夹", "this is no folder"), text("移走它："+hint.MoveAway(dir), "move it away: "+hint.MoveAway(dir)))
		return
	case errors.Is(err, fs.ErrPermission), err == nil && !canWrite(dir):
		x.add(check, level(check), dir, text("你（"+userName()+"）没有权限写这个文件夹", "you ("+userName()+") may not write into this folder"),
			text(hint.Join(userName())))
		return
	case err != nil:
		x.add(check, Problem, dir, because("文件夹用不了：", "the folder cannot be used: ", err), text("看一下："+hint.Look(dir), "look: "+hint.Look(dir)))
		return
	}
	if who, ok := serviceMayWrite(st); !ok {
		x.add(check, Problem, dir, text("服务的用户 "+who+" 没有权限写这个文件夹", "the service's user "+who+" may not write into this folder"),
			text("运行："+hint.Give(who, root), "run: "+hint.Give(who, root)))
		return
	}
	x.good(check, dir, "可以写", "can be written")
}

// missing tells whether the start of receiptd can make a folder: that is up to the nearest folder above it that exists.
func (x *examination) missing(check, dir, root string) {
	above := existing(dir)
	st, err := os.Stat(above)
	mode := "0750"
	if check == "drop_folder" {
		mode = "2750"
	}
	if err != nil {
		x.add(check, Problem, dir, because("文件夹用不了：", "the folder cannot be used: ", err), text("看一下："+hint.Look(above), "look: "+hint.Look(above)))
		return
	}
	who, _ := serviceUserMayWrite(st)
	if who == "" {
		who = userName()
	}
	create := hint.Make(who, mode, root)
	switch {
	case !st.IsDir():
		x.add(check, Problem, above, text("这不是文件夹", "this is no folder"), text("移走它："+hint.MoveAway(above), "move it away: "+hint.MoveAway(above)))
	case !mayMake(above, st):
		x.add(check, Problem, dir, text("文件夹还不存在，receiptd 也建不了：没有权限写 "+above, "the folder does not exist, and receiptd cannot make it: no permission to write into "+above),
			text("先建好："+create, "make it first: "+create))
	case x.running:
		x.add(check, Problem, dir, text("文件夹不见了", "the folder is gone"), text("重新启动："+hint.Restart(), "restart: "+hint.Restart()))
	default:
		x.add(check, Hint, dir, text("文件夹还不存在，receiptd 启动时建", "the folder does not exist yet; the start of receiptd makes it"), text("启动："+hint.Start(), "start it: "+hint.Start()))
	}
}

// mayMake tells whether the service's user may make a folder below one that exists, or where there is no such user the caller;
// a caller who may is enough, for receiptd may be run without a service.
func mayMake(above string, st fs.FileInfo) bool {
	who, ok := serviceUserMayWrite(st)
	if administrator() && who != "" {
		return ok
	}
	return who != "" && ok || canWrite(above)
}

// service looks at what the unit lets the service do with this configuration: a folder with the right permissions may be
// closed to it all the same.
func (x *examination) service(ctx context.Context) {
	if x.o.Service == nil {
		return
	}
	path, err := filepath.Abs(x.o.Config.Path)
	u, ok := x.o.Service(ctx)
	if err != nil || !ok || u.Config != path {
		return // no service, or one with another configuration
	}
	install := hint.Admin("receiptd service install")
	if path != config.DefaultPath {
		install += " --config " + path
	}
	folders := []string{x.o.Config.Spool.Dir, x.o.Config.Data.Dir}
	if f := x.o.Config.Log.File; f != "" {
		folders = append(folders, filepath.Dir(f))
	}
	for _, c := range x.o.Config.Captures {
		if f := c.Folder(); f != "" {
			folders = append(folders, f)
		}
	}
	bad := false
	for i, f := range append([]string{path}, folders...) {
		switch {
		case !u.Sees(f):
			zh, en := hint.NotHidden()
			x.add("service", Problem, f, text("系统服务看不到它：对服务是关着的（ProtectHome、PrivateTmp）", "the system service cannot see it: such folders are closed to it (ProtectHome, PrivateTmp)"),
				text(zh+"，再运行："+install, en+", then run: "+install))
		case i > 0 && !u.Writes(f):
			x.add("service", Problem, f, text("系统服务不能写这个文件夹：服务的设置里没有放行（ReadWritePaths）", "the system service may not write into this folder: its unit does not allow it (ReadWritePaths)"),
				text("运行："+install+"，再 "+hint.Restart(), "run: "+install+", then "+hint.Restart()))
		default:
			continue
		}
		bad = true
	}
	if !bad {
		x.good("service", "", "系统服务可以用配置里的文件夹", "the service's unit allows the folders of this configuration")
	}
}

// level is how bad it is that the caller may not write: only the daemon writes its data folder.
func level(check string) Level {
	if check == "drop_folder" {
		return Problem
	}
	return Hint
}

// canWrite tries with a hidden file, which the daemon passes over.
func canWrite(dir string) bool {
	f, err := os.CreateTemp(dir, ".receiptd-doctor-*.tmp")
	if err != nil {
		return false
	}
	f.Close()
	os.Remove(f.Name())
	return true
}

func (x *examination) room(dir string, v volume) {
	zh, en := hint.Clean()
	fix := text("看看什么占地方："+hint.Room(dir)+"；"+zh, "see what takes the room: "+hint.Room(dir)+"; "+en)
	mb := fmt.Sprintf("%d MB", v.free>>20)
	switch {
	case v.free < fullRoom:
		x.add("disk", Problem, dir, text("磁盘快满了，只剩 "+mb+"；满了就不能再收交易", "the disk is nearly full: "+mb+" left; when it is full no job can be taken"), fix)
	case v.free < lowRoom:
		x.add("disk", Warning, dir, text("磁盘空间不多，只剩 "+mb, "disk space is low: "+mb+" left"), fix)
	case v.known && v.inodes < 1000:
		x.add("disk", Problem, dir, text("磁盘上的文件太多，快建不了新文件", "the disk holds too many files; soon no new one fits"), text("看看："+hint.Files(dir), "look: "+hint.Files(dir)))
	default:
		x.good("disk", dir, "还剩 "+mb, mb+" free")
	}
}

func (x *examination) share(dir string, v volume, journal bool) {
	switch {
	case v.network == "":
	case journal:
		x.add("network_share", Problem, dir, text("日志库放在网络共享（"+v.network+"）上，断网会损坏", "the journal lies on a network share ("+v.network+"); a lost network can damage it"),
			text("在 [data] dir 里写本机的文件夹，例如 "+hint.DataFolder(), "name a folder of this machine in [data] dir, e.g. "+hint.DataFolder()))
	default:
		x.add("network_share", Warning, dir, text("投递文件夹在网络共享（"+v.network+"）上：收得慢（每次扫描才看到），断网时收不到", "the drop folder lies on a network share ("+v.network+"): jobs are seen at the next scan only, and not at all while the network is down"),
			text("最好放在本机；必须共享时由本机共享出去，另一台来写", "better a folder of this machine; where others must drop jobs, let this machine share it"))
	}
}
