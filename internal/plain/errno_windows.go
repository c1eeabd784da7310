package plain

import (
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/receiptd/receiptd/vocabulary"
)

// ofSystem are the reasons of Windows.
var ofSystem = []struct {
	err error
	why vocabulary.Text
}{
	{windows.ERROR_DISK_FULL, text("磁盘满了", "the disk is full")},
	{windows.ERROR_HANDLE_DISK_FULL, text("磁盘满了", "the disk is full")},
	{windows.ERROR_WRITE_PROTECT, text("这个磁盘只能读", "this disk can only be read")},
	{windows.ERROR_SHARING_VIOLATION, text("正被别的程序使用", "another program uses it")},
	{windows.ERROR_LOCK_VIOLATION, text("正被别的程序使用", "another program uses it")},
	{windows.ERROR_BUSY, text("正被别的程序使用", "another program uses it")},
	{windows.ERROR_DIR_NOT_EMPTY, text("文件夹不是空的", "the folder is not empty")},
	{windows.ERROR_DIRECTORY, text("路径里有一段不是文件夹", "a part of the path is no folder")},
	{windows.ERROR_INVALID_NAME, text("这个名字不能用", "this name cannot be used")},
	{windows.ERROR_FILENAME_EXCED_RANGE, text("名字太长", "the name is too long")},
	{windows.ERROR_BAD_EXE_FORMAT, text("不是能运行的程序", "this is no program that can be run")},
	{windows.ERROR_NOT_ENOUGH_MEMORY, text("内存不够", "there is not enough memory")},
	{windows.ERROR_BAD_NETPATH, text("找不到这台机器", "this machine cannot be reached")},
	{windows.ERROR_DEV_NOT_EXIST, text("没有这个设备", "there is no such device")},
	{windows.ERROR_GEN_FAILURE, text("设备没有反应", "the device does not work")},
	{windows.ERROR_CRC, text("磁盘读写出错", "the disk fails")},
	{windows.ERROR_INVALID_PARAMETER, text("系统不接受", "the system does not take it")},
	{windows.ERROR_NOT_SUPPORTED, text("系统没有这个功能", "the system cannot do it")},
	{windows.WSAECONNREFUSED, text("那里没有程序在听", "nothing listens there")},
	{windows.WSAECONNRESET, text("对方断开了连接", "the other side broke off")},
	{windows.WSAECONNABORTED, text("连接断了", "the connection broke off")},
	{windows.WSAEHOSTUNREACH, text("找不到这台机器", "this machine cannot be reached")},
	{windows.WSAENETUNREACH, text("没有通往那里的网络", "no network leads there")},
	{windows.WSAETIMEDOUT, tooLong},
	{windows.WSAEADDRINUSE, text("地址已被占用", "the address is in use")},
	{windows.WSAEADDRNOTAVAIL, text("这台机器没有这个地址", "this machine has no such address")},
	{windows.WSAEACCES, text("没有权限", "no permission")},
	{syscall.EWINDOWS, text("系统没有这个功能", "the system cannot do it")},
}
