package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/queue"
)

func newBatchCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "batch", Short: "List batches; close or reopen one by hand"}
	cmd.AddCommand(newBatchList(a), newBatchTurn(a, "settle", "Close a batch by hand, for software that drops no settlement job"),
		newBatchTurn(a, "reopen", "Open a batch that was closed by mistake"))
	return cmd
}

func newBatchList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List batches, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var page struct {
				Batches []queue.Batch `json:"batches"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/batches"}, &page); err != nil {
				return err
			}
			return a.print(page, func(w io.Writer) {
				for _, b := range page.Batches {
					fmt.Fprintf(w, "%4d  %s  %s  %s  %-10s  %d %s\n", b.ID, b.MerchantNo, b.TerminalNo, b.BatchNo, b.State, b.Slips, a.say("张小票", "slips"))
				}
			})
		},
	}
}

// newBatchTurn makes batch settle and batch reopen: both need the supervisor's PIN.
func newBatchTurn(a *app, verb, short string) *cobra.Command {
	var pinFile, operator string
	cmd := &cobra.Command{
		Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{fmt.Errorf("ID is the number in the first column of batch list, not %q", args[0])}
			}
			pin, err := a.pinIf(true, pinFile)
			if err != nil {
				return err
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			path := fmt.Sprintf("/v1/batches/%d/%s?operator_no=%s", id, verb, url.QueryEscape(operator))
			var ans queue.Answer
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: path, Pin: pin}, &ans); err != nil {
				return err
			}
			return a.print(ans, func(w io.Writer) { a.writeAnswer(w, ans) })
		},
	}
	cmd.Flags().StringVar(&operator, "operator", "", "who asks")
	cmd.Flags().StringVar(&pinFile, "pin-file", "", "file with the supervisor's PIN (default: ask)")
	return cmd
}

// pinIf gets the supervisor's PIN when it is needed: from a file, else from the first line of standard input.
func (a *app) pinIf(needed bool, file string) (string, error) {
	if !needed {
		return "", nil
	}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read PIN: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	}
	fmt.Fprint(a.stderr, a.say("主管密码:", "supervisor's PIN: "))
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		return "", usageError{fmt.Errorf("no PIN was given: %w", err)}
	}
	return line, nil
}
