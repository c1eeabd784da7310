package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/pin"
)

// secrets reads PINs, from a file or a terminal that does not show them.
type secrets struct{ a *app }

// flag adds --pin-file.
func (g secrets) flag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "pin-file", "", g.a.say("从文件读主管密码（不写：当场问）", "file with the supervisor's PIN (default: ask)"))
}

// pinIf gets the supervisor's PIN when it is needed: from a file, else from the terminal without echo, else from the first
// line of standard input.
func (g secrets) pinIf(needed bool, file string) (string, error) {
	if !needed {
		return "", nil
	}
	if file != "" {
		return g.readFile(file)
	}
	return g.read(bufio.NewReader(g.a.stdin), g.a.say("主管密码：", "supervisor's PIN: "))
}

// client connects to the daemon, and gets the supervisor's PIN.
func (g secrets) client(file string) (c *client.Client, pin string, err error) {
	if c, err = g.a.client(); err == nil {
		pin, err = g.pinIf(true, file)
	}
	return c, pin, err
}

// readFile reads a PIN from a file, and warns when others on this machine can read it too.
func (g secrets) readFile(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read PIN: %w", err)
	}
	if info, err := os.Stat(file); err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0 {
		g.warn("别人也能读这个密码文件，请改："+hint.Private(file), "others on this machine can read "+file+"; change that: "+hint.Private(file))
	}
	return strings.TrimSpace(string(data)), nil
}

// warn says something beside the result.
func (g secrets) warn(zh, en string) {
	fmt.Fprintln(g.a.stderr, g.a.say("注意："+zh, "warning: "+en))
}

// read asks for one line. On a terminal it is not shown.
func (g secrets) read(lines *bufio.Reader, ask string) (string, error) {
	if f, ok := g.a.stdin.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		restore, err := hideEcho(f.Fd())
		if err != nil {
			return "", fmt.Errorf("hide what is typed (use --pin-file instead): %w", err)
		}
		defer func() {
			restore()
			fmt.Fprintln(g.a.stderr)
		}()
	}
	fmt.Fprint(g.a.stderr, ask)
	line, err := lines.ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		if err == nil || errors.Is(err, io.EOF) {
			return "", g.a.usage("没有输入密码", "no PIN was given")
		}
		return "", fmt.Errorf("read PIN: %w", err)
	}
	return line, nil
}

func (g secrets) supervisor() *cobra.Command {
	var pinFile string
	set := &cobra.Command{
		Use: "set-pin", Short: g.a.say("设置主管密码（问两遍，不显示）", "Set the supervisor's PIN (asked twice, not shown)"), Args: g.a.none(),
		Long: g.a.say("手工结算、重开批次、调单副本、登记冲正结果要这个密码。数据文件夹里只存它的哈希；在这台机器上由管理员运行。",
			"Closing and reopening batches by hand, retrieval copies and resolving reversals need it. Only its hash is kept, in the\ndata folder; run this on this machine, as administrator."),
		Example: "  " + hint.Admin("receiptd supervisor set-pin"),
		RunE: func(*cobra.Command, []string) error {
			cfg, err := g.a.loadConfig()
			if err != nil {
				return err
			}
			if err := g.mayWrite(cfg.Data.Dir); err != nil {
				return err
			}
			number, err := g.newPin(pinFile)
			if err != nil {
				return err
			}
			if len(number) < 4 || len(number) > 72 {
				return codeError{exitInvalid, g.a.say("密码要 4 到 72 个字符。", "a PIN has 4 to 72 characters.")}
			}
			if pin.Weak(number) {
				g.warn("这个密码太好猜（连号、重复、年份或生日）：请换一个再设一次。", "This PIN is easily guessed (a row, a repetition, a year, a birthday): choose another and set it again.")
			}
			path := filepath.Join(cfg.Data.Dir, "supervisor-pin")
			if err := pin.Set(path, number); err != nil {
				return err
			}
			if err := giveTo(path, cfg.Data.Dir); err != nil {
				return fmt.Errorf("let the daemon read the PIN's hash: %w", err)
			}
			return g.a.print(map[string]bool{"set": true}, func(w io.Writer) {
				fmt.Fprintln(w, g.a.say("主管密码已设置，马上生效。", "The supervisor's PIN is set; it holds from now on."))
			})
		},
	}
	g.flag(set, &pinFile)
	return g.a.group("supervisor", "主管密码", "The supervisor's PIN", set)
}

// mayWrite refuses a data folder that is not there, or that only others may write to, before anybody thinks of a PIN.
func (g secrets) mayWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".pin-*")
	if errors.Is(err, fs.ErrNotExist) {
		return codeError{exitInvalid, g.a.say("还没有数据文件夹 "+dir+"：先启动一次 receiptd（"+hint.Start()+"，或 receiptd run），再设密码。",
			"there is no data folder "+dir+" yet: start receiptd once ("+hint.Start()+", or receiptd run), then set the PIN.")}
	}
	if err != nil {
		return fmt.Errorf("write the PIN's hash: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// newPin takes a new PIN from a file, or asks for it twice.
func (g secrets) newPin(file string) (string, error) {
	if file != "" {
		return g.readFile(file)
	}
	lines := bufio.NewReader(g.a.stdin)
	first, err := g.read(lines, g.a.say("新密码：", "new PIN: "))
	if err != nil {
		return "", err
	}
	second, err := g.read(lines, g.a.say("再输一遍：", "once more: "))
	if err != nil {
		return "", err
	}
	if first != second {
		return "", codeError{exitInvalid, g.a.say("两遍不一样，没有改。", "the two are not the same; nothing was changed.")}
	}
	return first, nil
}
