package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/web"
)

// pinFlag adds --pin-file.
func (a *app) pinFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "pin-file", "", a.say("从文件读主管密码（不写：当场问）", "file with the supervisor's PIN (default: ask)"))
}

// pinIf gets the supervisor's PIN when it is needed: from a file, else from the terminal without echo, else from the first
// line of standard input.
func (a *app) pinIf(needed bool, file string) (string, error) {
	if !needed {
		return "", nil
	}
	if file != "" {
		return readPinFile(file)
	}
	return a.readSecret(bufio.NewReader(a.stdin), a.say("主管密码：", "supervisor's PIN: "))
}

func readPinFile(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read PIN: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// readSecret asks for one line. On a terminal it is not shown.
func (a *app) readSecret(lines *bufio.Reader, ask string) (string, error) {
	if f, ok := a.stdin.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		restore, err := hideEcho(f.Fd())
		if err != nil {
			return "", fmt.Errorf("hide what is typed (use --pin-file instead): %w", err)
		}
		defer func() {
			restore()
			fmt.Fprintln(a.stderr)
		}()
	}
	fmt.Fprint(a.stderr, ask)
	line, err := lines.ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		if err == nil || errors.Is(err, io.EOF) {
			return "", a.usage("没有输入密码", "no PIN was given")
		}
		return "", fmt.Errorf("read PIN: %w", err)
	}
	return line, nil
}

func newSupervisorCommand(a *app) *cobra.Command {
	var pinFile string
	set := &cobra.Command{
		Use: "set-pin", Short: a.say("设置主管密码（问两遍，不显示）", "Set the supervisor's PIN (asked twice, not shown)"), Args: a.none(),
		Long: a.say("手工结算、重开批次、调单副本、了结冲正要这个密码。数据文件夹里只存它的哈希；在这台机器上以 receiptd 用户或 root 运行。",
			"Closing and reopening batches by hand, retrieval copies and resolving reversals need it. Only its hash is kept, in the\ndata folder; run this on this machine as the user receiptd or root."),
		Example: "  sudo receiptd supervisor set-pin",
		RunE: func(*cobra.Command, []string) error {
			cfg, err := a.loadConfig()
			if err != nil {
				return err
			}
			pin, err := a.newPin(pinFile)
			if err != nil {
				return err
			}
			if len(pin) < 4 || len(pin) > 72 {
				return codeError{exitInvalid, a.say("密码要 4 到 72 个字符。", "a PIN has 4 to 72 characters.")}
			}
			path := filepath.Join(cfg.Data.Dir, "supervisor-pin")
			if err := web.SetPin(path, pin); err != nil {
				return err
			}
			if err := giveTo(path, cfg.Data.Dir); err != nil {
				return fmt.Errorf("let the daemon read the PIN's hash: %w", err)
			}
			return a.print(map[string]bool{"set": true}, func(w io.Writer) {
				fmt.Fprintln(w, a.say("主管密码已设置，马上生效。", "The supervisor's PIN is set; it holds from now on."))
			})
		},
	}
	a.pinFlag(set, &pinFile)
	return a.group("supervisor", "主管密码", "The supervisor's PIN", set)
}

// newPin takes a new PIN from a file, or asks for it twice.
func (a *app) newPin(file string) (string, error) {
	if file != "" {
		return readPinFile(file)
	}
	lines := bufio.NewReader(a.stdin)
	first, err := a.readSecret(lines, a.say("新密码：", "new PIN: "))
	if err != nil {
		return "", err
	}
	second, err := a.readSecret(lines, a.say("再输一遍：", "once more: "))
	if err != nil {
		return "", err
	}
	if first != second {
		return "", codeError{exitInvalid, a.say("两遍不一样，没有改。", "the two are not the same; nothing was changed.")}
	}
	return first, nil
}
