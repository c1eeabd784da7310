//go:build unix

package plain

import (
	"syscall"

	"github.com/receiptd/receiptd/vocabulary"
)

// ofSystem are the reasons of Unix.
var ofSystem = []struct {
	err error
	why vocabulary.Text
}{
	{syscall.ENOSPC, text("磁盘满了", "the disk is full")},
	{syscall.EDQUOT, text("给这个用户的磁盘空间用完了", "this user's share of the disk is used up")},
	{syscall.EFBIG, text("文件太大，写不下", "the file is too large to be written")},
	{syscall.EROFS, text("这个磁盘只能读", "this disk can only be read")},
	{syscall.EIO, text("磁盘或设备读写出错", "the disk or the device fails")},
	{syscall.ENOTDIR, text("路径里有一段不是文件夹", "a part of the path is no folder")},
	{syscall.EISDIR, text("这是文件夹，不是文件", "this is a folder, not a file")},
	{syscall.ENOTEMPTY, text("文件夹不是空的", "the folder is not empty")},
	{syscall.ENAMETOOLONG, text("名字太长", "the name is too long")},
	{syscall.ELOOP, text("链接绕成了圈", "its links go round in a circle")},
	{syscall.EXDEV, text("在另一个磁盘上", "it is on another disk")},
	{syscall.ETXTBSY, text("正在运行，不能改", "it is running and cannot be changed")},
	{syscall.EBUSY, text("正被别的程序使用", "another program uses it")},
	{syscall.EMFILE, text("打开的文件太多", "too many files are open")},
	{syscall.ENFILE, text("打开的文件太多", "too many files are open")},
	{syscall.ENOMEM, text("内存不够", "there is not enough memory")},
	{syscall.ENODEV, text("没有这个设备", "there is no such device")},
	{syscall.ENXIO, text("没有这个设备", "there is no such device")},
	{syscall.ECONNREFUSED, text("那里没有程序在听", "nothing listens there")},
	{syscall.ECONNRESET, text("对方断开了连接", "the other side broke off")},
	{syscall.ECONNABORTED, text("连接断了", "the connection broke off")},
	{syscall.EPIPE, text("对方不收了", "the other side takes no more")},
	{syscall.EHOSTUNREACH, text("找不到这台机器", "this machine cannot be reached")},
	{syscall.EHOSTDOWN, text("找不到这台机器", "this machine cannot be reached")},
	{syscall.ENETUNREACH, text("没有通往那里的网络", "no network leads there")},
	{syscall.ENETDOWN, text("网络断了", "the network is down")},
	{syscall.ETIMEDOUT, tooLong},
	{syscall.EADDRINUSE, text("地址已被占用", "the address is in use")},
	{syscall.EADDRNOTAVAIL, text("这台机器没有这个地址", "this machine has no such address")},
	{syscall.EAFNOSUPPORT, text("这台机器没有这种网络", "this machine has no network of this kind")},
	{syscall.EINVAL, text("系统不接受", "the system does not take it")},
	{syscall.ENOTSUP, text("系统没有这个功能", "the system cannot do it")},
	{syscall.ENOSYS, text("系统没有这个功能", "the system cannot do it")},
	{syscall.ENOEXEC, text("不是能运行的程序", "this is no program that can be run")},
}
