package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/vocabulary"
)

// printerAt is the path of something that a printer is asked for.
func printerAt(name, what string, query url.Values) string {
	path := "/v1/printers/" + url.PathEscape(name) + "/" + what
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

func (g printerCommands) pause() *cobra.Command {
	cmd := g.turn("pause", func(w io.Writer, p *api.Pause) {
		head := g.a.say("%s 已暂停", "%s is paused")
		if !p.Changed {
			head = g.a.say("%s 本来就暂停着", "%s was paused already")
		}
		fmt.Fprintf(w, head+g.a.say("（从 %s 起），%d 联在等。\n", " (since %s); copies that wait: %d.\n"), p.Printer, p.Since.In(g.a.zone).Format("01-02 15:04:05"), p.Waiting)
	})
	cmd.Short = g.a.say("暂停一台打印机：来的小票都等着", "Pause a printer: what comes waits")
	cmd.Long = g.a.say("正在打的一张会打完；别的都等着，不会丢，重启后也还是暂停，直到 printer resume。", "The slip under way comes out; others wait and none is lost. It stays paused over a restart, until printer resume.")
	cmd.Example = "  receiptd printer pause front --operator 01"
	return cmd
}

func (g printerCommands) resume() *cobra.Command {
	cmd := g.turn("resume", func(w io.Writer, p *api.Pause) {
		head := g.a.say("%s 接着打", "%s goes on")
		if !p.Changed {
			head = g.a.say("%s 没有暂停", "%s was not paused")
		}
		fmt.Fprintf(w, head+g.a.say("，%d 联在等。\n", "; copies that wait: %d.\n"), p.Printer, p.Waiting)
	})
	cmd.Short = g.a.say("让暂停的打印机接着打", "Let a paused printer go on")
	cmd.Example = "  receiptd printer resume front --operator 01"
	return cmd
}

// turn makes printer pause and printer resume.
func (g printerCommands) turn(verb string, tell func(w io.Writer, p *api.Pause)) *cobra.Command {
	var operator string
	cmd := &cobra.Command{
		Use: verb + " NAME", Args: g.a.one("NAME"), ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var p api.Pause
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: printerAt(args[0], verb, url.Values{"operator_no": {operator}})}, &p); err != nil {
				return err
			}
			return g.a.print(p, func(w io.Writer) { tell(w, &p) })
		},
	}
	g.a.operatorFlag(cmd, &operator)
	return cmd
}

func (g printerCommands) cancelWaiting() *cobra.Command {
	var operator, pinFile string
	cmd := &cobra.Command{
		Use: "cancel-waiting NAME", Short: g.a.say("取消等着一台打印机的所有小票（要主管密码）", "Cancel all that waits for a printer (supervisor's PIN)"), Args: g.a.one("NAME"),
		Long: g.a.say("先数出有多少，再问密码；取消的只是数到的那些，之后来的照样打。已经往打印机发过一部分的不在内。取消的小票还可以补打。",
			"Counts them first, then asks for the PIN; only what was counted is cancelled, what comes later prints. A slip of which something has\nbeen sent is not among them. What was cancelled can be reprinted."),
		Example: "  receiptd printer cancel-waiting front --operator 99", ValidArgsFunction: g.names,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.a.client()
			if err != nil {
				return err
			}
			var seen api.Waiting
			if err := c.Do(cmd.Context(), client.Call{Method: http.MethodGet, Path: printerAt(args[0], "waiting", nil)}, &seen); err != nil {
				return err
			}
			if seen.Waiting > 0 && !g.a.quiet && !g.a.json {
				g.writeWaiting(g.a.stderr, &seen) // what the PIN is asked for
			}
			pin, err := secrets(g).pinIf(seen.Waiting > 0, pinFile)
			if err != nil {
				return err
			}
			done := api.CancelledWaiting{Printer: args[0]}
			if seen.Waiting > 0 {
				query := url.Values{"operator_no": {operator}, "as_of": {seen.AsOf.Format(time.RFC3339Nano)}}
				if err := c.Do(cmd.Context(), client.Call{Method: http.MethodPost, Path: printerAt(args[0], "cancel-waiting", query), Pin: pin}, &done); err != nil {
					return err
				}
			}
			return g.a.print(done, func(w io.Writer) {
				if seen.Waiting == 0 {
					fmt.Fprintf(w, g.a.say("没有小票在等 %s。\n", "nothing waits for %s.\n"), args[0])
					return
				}
				fmt.Fprintf(w, g.a.say("等着 %s 的取消了 %d 联。\n", "of what waited for %s, copies cancelled: %d.\n"), args[0], done.Cancelled)
			})
		},
	}
	g.a.operatorFlag(cmd, &operator)
	secrets(g).flag(cmd, &pinFile)
	return cmd
}

// writeWaiting tells what waits for a printer, by state and reason.
func (g printerCommands) writeWaiting(w io.Writer, seen *api.Waiting) {
	fmt.Fprintf(w, g.a.say("等着 %s 的有 %d 联：\n", "waiting for %s, copies: %d\n"), seen.Printer, seen.Waiting)
	for _, x := range seen.Groups {
		why := word(g.a.lang, vocabulary.KindState, x.State)
		if x.Reason != "" {
			why += g.a.say("，", ", ") + word(g.a.lang, vocabulary.KindReason, x.Reason)
		}
		fmt.Fprintf(w, g.a.say("  %d 联 %s，最早的 %s\n", "  %d %s, the oldest of %s\n"), x.Count, why, x.Oldest.In(g.a.zone).Format("01-02 15:04"))
	}
}
