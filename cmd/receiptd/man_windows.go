package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/plain"
)

// writeMan writes nothing: Windows has no man(1), and what makes its pages would be a part of every program that is handed out.
func writeMan(io.Writer, *cobra.Command) error {
	return plain.New("Windows 没有手册页；加 --markdown 可以把全部命令写进一个文件", "Windows has no manual pages; --markdown writes all commands into one file")
}
