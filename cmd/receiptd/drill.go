package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// drillCommand is `receiptd drill`.
type drillCommand struct{ a *app }

func (g drillCommand) command() *cobra.Command {
	var printer string
	var auto bool
	cmd := &cobra.Command{
		Use: "drill", Short: g.a.say("新收银员演练：五种情况，页面显示什么、该怎么做", "Leads a new cashier through five situations: what the page shows, what to do"),
		Long: g.a.say("缺纸、小票撕坏、不知道出没出纸、冲正未完成、补打被拒。每一步说页面上会看到什么、要做什么，做到了（日志库里是那个状态）才到下一步。\n\n"+
			"演练用临时的日志库，不碰店里的小票、批次和结算；每张小票抬头都印“演练 DRILL”，末尾印非凭证。不写 --printer 用虚拟打印机，\n"+
			"抽纸、断电都在页面上按；写了就用配置里的那台真打印机（receiptd 正占着它的话先停：receiptd service stop）。",
			"Out of paper, a torn slip, a slip of which nobody knows whether it came out, a reversal that is not over, a refused\nreprint. Each step says what the page shows and what to do, and the next one comes when it was done: when the journal\nis in that state.\n\n"+
				"A drill has a throw-away journal and touches no slip, batch or settlement of the shop; each slip says 演练 DRILL in its\nhead and at its end that it is no receipt. Without --printer it is a virtual printer, whose paper and power are on the\npage; with it the configured real one (stop receiptd first where it holds it: receiptd service stop)."),
		Example: "  receiptd drill\n  receiptd drill --printer front",
		Args:    g.a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if auto && printer != "" {
				return g.a.usage("--auto 只用于虚拟打印机", "--auto is for the virtual printer only")
			}
			d, err := g.open(cmd.Context(), printer)
			if err != nil {
				return err
			}
			d.auto = auto
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&printer, "printer", "", g.a.say("在配置里的这台真打印机上演练", "drill on this configured printer"))
	cmd.Flags().BoolVar(&auto, "auto", false, g.a.say("人要做的它也自己做：看一遍", "does by itself what a person should: to watch it"))
	return cmd
}

// A drill is a throw-away shop with one printer, and how far somebody came.
type drill struct {
	*demo
	auto    bool
	real    string // the printer's name where it is a real one
	batch   int    // counts batches
	voucher int    // counts slips
	client  *client.Client
	noted   string      // the last note given, which is not given twice
	list    []situation // what is gone through
}

// run leads through all situations. It ends with the last one, or with ctx, and then nothing of the drill is left.
func (d *drill) run(ctx context.Context) error {
	defer os.RemoveAll(d.dir)
	cfg, err := config.Load(d.config, nil, daemon.Check)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	logger := slog.New(slog.NewTextHandler(d.a.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	panel := httpd.New(httpd.Options{Handler: d.printer.Handler(), Max: panelPlaces})
	var peers sync.WaitGroup
	peers.Go(func() { _ = panel.Serve(d.panel) })              // ends with Close
	peers.Go(func() { _ = d.printer.ServeTCP(ctx, d.socket) }) // ends with ctx
	control := d.control
	if d.real != "" {
		control = ""
	}
	var led error
	err = daemon.Run(ctx, cfg, daemon.Options{Logger: logger, Version: version(), Demo: control, Page: d.page, Ready: func(page string) {
		peers.Go(func() {
			defer cancel()
			if d.client, led = client.New(cfg.HTTP.Listen, cfg.Data.Dir); led == nil {
				led = d.lead(ctx, page)
			}
		})
	}})
	cancel()
	panel.Close()
	peers.Wait()
	return errors.Join(err, led)
}

// open makes the throw-away shop.
func (g drillCommand) open(ctx context.Context, name string) (*drill, error) {
	shop, err := g.a.newDemo(ctx, "")
	if err != nil {
		return nil, err
	}
	d := &drill{demo: shop, batch: 1, list: situations()}
	section := config.Printer{Name: "front", Device: "tcp://" + d.socket.Addr().String(), Profile: "generic-80", Proof: "auto", IdleClose: config.Duration(time.Hour)}
	if name != "" {
		cfg, err := g.a.loadConfig()
		if err != nil {
			return nil, err
		}
		known := false
		for _, p := range cfg.Printers {
			if p.Name == name {
				section, known = p, true
			}
		}
		if !known {
			return nil, codeError{exitNotFound, g.a.say("配置里没有打印机 "+name+"。用 receiptd printer list 看有哪些。", "the configuration has no printer "+name+". See receiptd printer list.")}
		}
		section.Failover, section.IdleClose, d.real = "", config.Duration(time.Hour), name // the line stays open: it tells of the paper
	}
	locale := "en"
	if g.a.lang == "zh" {
		locale = "zh-CN"
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "[spool]\ndir = %q\n\n[data]\ndir = %q\n\n[http]\nlisten = %q\n\n[shop]\nlocale = %q\n\n[templates]\ndir = %q\n\n[slip]\nfooter = [%q]\n\n",
		d.spool, filepath.Join(d.dir, "data"), d.page.Addr(), locale, filepath.Join(d.dir, "templates"), drillFoot)
	if err := toml.NewEncoder(&text).Encode(struct {
		Printer []config.Printer `toml:"printer"`
	}{[]config.Printer{section}}); err != nil {
		return nil, fmt.Errorf("write the drill's configuration: %w", err)
	}
	return d, os.WriteFile(d.config, text.Bytes(), 0o600)
}

// lead shows one situation after the other.
func (d *drill) lead(ctx context.Context, page string) error {
	w := d.a.stdout
	fmt.Fprintf(w, d.a.say("演练开始。柜台页：%s\n每张小票都印着“演练 DRILL”，不是真的。Ctrl-C 随时结束。\n", "The drill begins. The counter page: %s\nEach slip says 演练 DRILL: none is a real one. Ctrl-C ends it at any time.\n"), page)
	for i := range d.list {
		s := &d.list[i]
		fmt.Fprintf(w, "\n%d/%d  %s\n", i+1, len(d.list), d.a.say(s.name.Zh, s.name.En))
		if err := d.through(ctx, s); err != nil {
			if ctx.Err() != nil {
				return codeError{exitFailed, d.a.say(fmt.Sprintf("演练没做完：做到 %d/%d", i, len(d.list)), fmt.Sprintf("the drill was not finished: %d of %d done", i, len(d.list)))}
			}
			return err
		}
	}
	fmt.Fprintln(w, d.a.say("\n五种情况都做到了，日志库里都是该有的状态。", "\nAll five were dealt with, and the journal says so."))
	return nil
}

// through leads through one situation: each of its steps ends when the journal is in the state that it asks for.
func (d *drill) through(ctx context.Context, s *situation) error {
	for i := range s.steps {
		step := &s.steps[i]
		if step.begin != nil {
			if err := step.begin(ctx, d); err != nil {
				return err
			}
		}
		if step.shows.Zh != "" {
			fmt.Fprintln(d.a.stdout, d.a.say("  页面：", "  The page: ")+d.a.say(step.shows.Zh, step.shows.En))
		}
		do := step.do
		if d.real == "" && step.virtual.Zh != "" {
			do = step.virtual
		}
		fmt.Fprintln(d.a.stdout, d.a.say("  要做：", "  To do: ")+d.a.say(do.Zh, do.En))
		if d.auto && step.hand != nil {
			if err := step.hand(ctx, d); err != nil {
				return err
			}
		}
		state, err := d.await(ctx, step)
		if err != nil {
			return err
		}
		fmt.Fprintln(d.a.stdout, d.a.say("  ✓ 日志库：", "  ✓ The journal: ")+state)
	}
	return nil
}

// await asks until the journal is in a step's state, and gives it in words.
func (d *drill) await(ctx context.Context, s *step) (string, error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := s.reached(ctx, d)
		if err != nil || state != "" {
			return state, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-tick.C:
		}
	}
}

// tell says something about the step that is under way.
func (d *drill) tell(t job.Text) { fmt.Fprintln(d.a.stdout, "  "+d.a.say(t.Zh, t.En)) }

// note tells something once.
func (d *drill) note(t job.Text) {
	if d.noted != t.En {
		d.noted = t.En
		d.tell(t)
	}
}

// answer asks how a job stands.
func (d *drill) answer(ctx context.Context, id string) (a api.Answer, err error) {
	err = d.client.Do(ctx, client.Call{Method: http.MethodGet, Path: "/v1/jobs/" + id + "/answer"}, &a)
	return a, err
}

// post sends a job, as the till's software does.
func (d *drill) post(ctx context.Context, j map[string]any) (a api.Answer, err error) {
	var refusal *client.Refusal
	err = d.client.Do(ctx, client.Call{Method: http.MethodPost, Path: "/v1/jobs", Body: j}, &a)
	if errors.As(err, &refusal) && refusal.Answer != nil && refusal.Answer.Outcome != vocabulary.OutcomeRejected {
		return *refusal.Answer, nil
	}
	return a, err
}

// set lets a hand do something to the virtual printer.
func (d *drill) set(c virtual.Change) error { return d.printer.Set(c) }
