package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

func newJobCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "Check, preview, submit, list and settle jobs"}
	cmd.AddCommand(newJobCheck(a), newJobPreview(a), newJobSubmit(a), newJobList(a), newJobShow(a), newJobSchema(a),
		newJobCancel(a), newJobDefective(a), newJobResolve(a))
	return cmd
}

func newJobCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "Check job files as the drop folder would; - is standard input", Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, names []string) error {
			bad := false
			type checked struct {
				File     string        `json:"file"`
				Errors   []job.Problem `json:"errors"`
				Warnings []job.Problem `json:"warnings"`
			}
			var all []checked
			for _, name := range names {
				data, err := a.readFileArg(name)
				if err != nil {
					return err
				}
				r := job.Parse(data)
				bad = bad || len(r.Errors) > 0
				all = append(all, checked{name, nonNil(r.Errors), nonNil(r.Warnings)})
			}
			err := a.print(all, func(w io.Writer) {
				for _, c := range all {
					if len(c.Errors) == 0 {
						fmt.Fprintf(w, "%s: %s\n", c.File, a.say("没有错误", "good"))
					}
					for _, p := range append(c.Errors, c.Warnings...) {
						fmt.Fprintf(w, "%s:%d:%d: %s: %s [%s]\n    %s\n", c.File, p.Line, p.Column, p.Pointer, a.say(p.Message.Zh, p.Message.En), p.Code, a.say(p.Fix.Zh, p.Fix.En))
					}
				}
			})
			if err == nil && bad {
				err = codeError{code: exitInvalid}
			}
			return err
		},
	}
}

// nonNil makes an empty list show as [] in JSON.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func newJobSubmit(a *app) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "submit FILE...", Short: "Hand jobs to the daemon; - is standard input", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, names []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var failed error
			for _, name := range names {
				data, err := a.readFileArg(name)
				if err != nil {
					return err
				}
				if err := a.submit(cmd.Context(), c, data, wait); err != nil {
					if len(names) == 1 {
						return err
					}
					a.complain(name + ":")
					failed = codeError{code: a.exitCode(err)}
				}
			}
			return failed
		},
	}
	addWait(cmd, &wait)
	return cmd
}

// submit hands one job, or one command, to the daemon and tells what became of it.
func (a *app) submit(ctx context.Context, c *client.Client, body any, wait time.Duration) error {
	var ans queue.Answer
	if err := c.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/jobs", Body: body}, &ans); err != nil {
		return err
	}
	return a.finish(ctx, c, ans, wait)
}

// command submits a command job.
func (a *app) command(ctx context.Context, payload map[string]any) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	for k, v := range payload {
		if v == "" {
			delete(payload, k)
		}
	}
	return a.submit(ctx, c, map[string]any{"job_id": "cli-" + rand.Text()[:20], "kind": "command",
		"created_at": time.Now().Format(time.RFC3339), "payload": payload}, 0)
}

func newJobList(a *app) *cobra.Command {
	var batch, terminal, state, search string
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List slips, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			q := url.Values{"batch": {batch}, "terminal": {terminal}, "state": {state}, "q": {search}, "limit": {strconv.Itoa(limit)}}
			var page struct {
				Jobs []queue.Summary `json:"jobs"`
				Next string          `json:"next,omitempty"`
			}
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/jobs?" + q.Encode()}, &page); err != nil {
				return err
			}
			return a.print(page, func(w io.Writer) { a.writeSummaries(w, page.Jobs) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&batch, "batch", "current", "current, all, or a batch number")
	f.StringVar(&terminal, "terminal", "", "only this terminal")
	f.StringVar(&state, "state", "", "only slips with a copy in this state: queued, held, uncertain, printed, ...")
	f.StringVar(&search, "search", "", "voucher, amount, last four digits, order number or time")
	f.IntVar(&limit, "limit", 50, "at most this many, 1-1000")
	return cmd
}

func newJobShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Tell a slip's whole story", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			var story queue.Story
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: "/v1/jobs/" + url.PathEscape(args[0])}, &story); err != nil {
				return err
			}
			return a.print(story, func(w io.Writer) { a.writeStory(w, story) })
		},
	}
}

func newJobSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of jobs", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(job.SchemaJSON())
			return err
		},
	}
}

func newJobCancel(a *app) *cobra.Command {
	var operator, reason string
	cmd := &cobra.Command{
		Use: "cancel ID", Short: "Cancel what has not been sent to a printer", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.command(cmd.Context(), map[string]any{"command": "cancel", "target_job_id": args[0], "operator_no": operator, "reason": reason})
		},
	}
	cmd.Flags().StringVar(&operator, "operator", "", "who asks")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	return cmd
}

func newJobDefective(a *app) *cobra.Command {
	var operator, copyName string
	cmd := &cobra.Command{
		Use: "defective ID", Short: "Report a blank or unreadable slip; a marked copy is printed", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.command(cmd.Context(), map[string]any{"command": "mark_defective", "target_job_id": args[0], "copy": copyName, "operator_no": operator, "reason": "blank_slip"})
		},
	}
	cmd.Flags().StringVar(&copyName, "copy", "", "which copy: merchant, cardholder, ...")
	cmd.Flags().StringVar(&operator, "operator", "", "who asks")
	return cmd
}

func newJobResolve(a *app) *cobra.Command {
	var copyName, cameOut, operator string
	cmd := &cobra.Command{
		Use: "resolve ID --copy C --came-out yes|no", Short: "Say whether an uncertain slip came out (no: one more, marked)", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cameOut != "yes" && cameOut != "no" {
				return usageError{fmt.Errorf("--came-out is yes or no")}
			}
			return a.command(cmd.Context(), map[string]any{"command": "resolve_uncertain", "target_job_id": args[0], "copy": copyName,
				"came_out": cameOut == "yes", "operator_no": operator})
		},
	}
	cmd.Flags().StringVar(&copyName, "copy", "", "which copy: merchant, cardholder, ...")
	cmd.Flags().StringVar(&cameOut, "came-out", "", "yes or no: what lies on the counter")
	cmd.Flags().StringVar(&operator, "operator", "", "who looked")
	for _, name := range []string{"copy", "came-out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that is not defined just above
		}
	}
	return cmd
}
