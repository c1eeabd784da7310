package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/receiptd/receiptd/internal/hint"
	"github.com/receiptd/receiptd/internal/httpd"
	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/printer/virtual"
)

// virtualFlags are the flags of `receiptd virtual-printer`.
type virtualFlags struct {
	listen              []string
	control             string
	model, paper, speed string
	replay              string
	baud, window        int
	flow                string
	idle                time.Duration
	server              bool
}

// newVirtualCommand is `receiptd virtual-printer`: a printer without a printer.
func newVirtualCommand(a *app) *cobra.Command {
	var f virtualFlags
	cmd := &cobra.Command{
		Use:   "virtual-printer --listen tcp://127.0.0.1:9100" + hint.MoreListen() + " --control 127.0.0.1:9101",
		Short: a.say("用软件当一台打印机，有纸、有故障、有状态", "Run a printer in software, with paper, faults and status"),
		Long: a.say("把收到的打在虚拟的纸上，像真打印机那样回答状态和证明，真打印机有的故障它都有。抽纸、开盖用 --control：\n\n",
			"Prints what it receives on virtual paper and answers as a printer would: status, proof, and every fault a real one\n"+
				"has. Pull the paper or open the cover over --control:\n\n") +
			"  " + hint.Post(`{"paper":"out"}`, "http://127.0.0.1:9101/state") + "\n" +
			"  " + hint.Post(`{"paper":"ok"}`, "http://127.0.0.1:9101/state") + "\n\n" +
			a.say("打出的纸在 /pieces、/pieces/N.png、/roll.png，也写进 --paper 的文件夹。\n\n型号：",
				"Pieces of paper are at /pieces, /pieces/N.png and /roll.png, and in the folder given with --paper.\n\nProfiles: ") +
			strings.Join(virtual.ModelNames(), ", "),
		Args: a.none(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			lang, _ := cmd.Flags().GetString("lang")
			v := &virtualRun{f: f, out: cmd.OutOrStdout(), zh: lang == "zh"}
			v.quiet, _ = cmd.Flags().GetBool("quiet")
			return v.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.listen, "listen", nil, a.say("主机连到哪里：tcp://主机:端口 或 pty:///路径（Linux）；可写多次", "where hosts connect: tcp://HOST:PORT or pty:///PATH (Linux); may be repeated"))
	flags.StringVar(&f.control, "control", "", a.say("控制接口的地址，主机:端口；不写就没有", "address of the control interface, HOST:PORT; empty for none"))
	flags.StringVar(&f.model, "profile", "generic-80", a.say("当哪一种打印机", "which printer to behave as"))
	flags.StringVar(&f.replay, "replay", "", a.say("像 receiptd printer probe --record 记下的那台打印机那样回答（--profile 补上没问过的）", "answer like the printer recorded in this file by receiptd printer probe --record (--profile for what it was not asked)"))
	flags.StringVar(&f.paper, "paper", "", a.say("写 piece-N.png、piece-N.txt、roll.png 的文件夹", "folder that gets piece-N.png, piece-N.txt and roll.png"))
	flags.StringVar(&f.speed, "speed", "real", a.say("real：按真打印机的速度走纸；max：立刻打完", "real: paper moves at the printer's speed; max: in no time"))
	flags.IntVar(&f.baud, "baud", 0, a.say("像这个速率的串口那样收字节；0：不限", "pace bytes as a serial line of this speed; 0: not paced"))
	flags.StringVar(&f.flow, "flow", "", a.say("缓冲满了怎么办：hold、xonxoff 或 none（不写：hold，pty 上是 xonxoff）", "what happens when the buffer is full: hold, xonxoff or none (default: hold, on a pty xonxoff)"))
	flags.IntVar(&f.window, "window", 0, a.say("TCP 接收窗口，字节；0：用系统的", "TCP receive window in bytes; 0: the system's"))
	flags.DurationVar(&f.idle, "idle-limit", 0, a.say("TCP 连接静默这么久就断开；0：不断", "close a TCP connection that was silent for so long; 0: never"))
	flags.BoolVar(&f.server, "device-server", false, a.say("前面有一台串口服务器：打印机断电时连接还在", "a device server before it keeps connections while its power is off"))
	return cmd
}

// virtualRun is one run of the command.
type virtualRun struct {
	f     virtualFlags
	out   io.Writer
	zh    bool
	quiet bool
}

func (v *virtualRun) say(zh, en string) string {
	if v.zh {
		return zh
	}
	return en
}

// said is what the system said, in a shop's words where they are known.
func (v *virtualRun) said(err error) string {
	t := plain.Error(err)
	return v.say(t.Zh, t.En)
}

func (v *virtualRun) usage(zh, en string) error { return usageError{errors.New(v.say(zh, en))} }

// check refuses what cannot work before anything is opened.
func (v *virtualRun) check() error {
	f := &v.f
	if _, err := virtual.ModelByName(f.model); err != nil {
		known := strings.Join(virtual.ModelNames(), " ")
		zh, en := plain.Meant(f.model, virtual.ModelNames())
		return v.usage("没有叫 "+f.model+" 的虚拟打印机"+zh+"。可以用："+known, "there is no virtual printer "+f.model+en+". Known: "+known)
	}
	if f.speed != string(virtual.Real) && f.speed != string(virtual.Max) {
		return v.usage("--speed 只能是 real 或 max，不能是 "+f.speed, "--speed is real or max, not "+f.speed)
	}
	switch virtual.Flow(f.flow) {
	case "", virtual.Hold, virtual.XONXOFF, virtual.None:
	default:
		return v.usage("--flow 只能是 hold、xonxoff 或 none，不能是 "+f.flow, "--flow is hold, xonxoff or none, not "+f.flow)
	}
	if f.baud < 0 || f.window < 0 {
		return v.usage("--baud 和 --window 不能是负数", "--baud and --window cannot be negative")
	}
	if len(f.listen) == 0 {
		return v.usage("要说明在哪里连接打印机，例如 --listen tcp://127.0.0.1:9100", "say where hosts connect, for example --listen tcp://127.0.0.1:9100")
	}
	return nil
}

// run opens everything, says where it is, and serves until ctx ends or one part fails.
func (v *virtualRun) run(ctx context.Context) error {
	if err := v.check(); err != nil {
		return err
	}
	if v.f.paper != "" {
		if err := os.MkdirAll(v.f.paper, 0o755); err != nil {
			return codeError{exitFailed, v.say("不能建立纸张文件夹：", "cannot make the paper folder: ") + v.said(err)}
		}
	}
	device, err := v.recorded()
	if err != nil {
		return err
	}
	p := virtual.New(virtual.Options{
		Model: v.f.model, Replay: device, Speed: virtual.Speed(v.f.speed), Baud: v.f.baud, Flow: virtual.Flow(v.f.flow),
		Window: v.f.window, IdleLimit: v.f.idle, DeviceServer: v.f.server, PaperDir: v.f.paper, OnPiece: v.tell,
	})
	parts, err := v.open(ctx, p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	failed := make(chan error, len(parts))
	for _, serve := range parts {
		wg.Go(func() {
			failed <- serve(ctx)
			cancel()
		})
	}
	wg.Wait()
	close(failed)
	for e := range failed {
		err = errors.Join(err, e)
	}
	return errors.Join(err, p.Flush(context.WithoutCancel(ctx)))
}

// recorded reads the recording to replay; nil: none.
func (v *virtualRun) recorded() (*virtual.Recording, error) {
	if v.f.replay == "" {
		return nil, nil
	}
	base, err := virtual.ModelByName(v.f.model)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(v.f.replay)
	if err != nil {
		return nil, v.usage("不能读这个记录："+v.said(err), "cannot read this recording: "+v.said(err))
	}
	defer f.Close()
	device, err := virtual.ReadRecording(f, base)
	if err != nil {
		return nil, v.usage("这不是 receiptd printer probe --record 的记录："+v.said(err), "this is no recording of receiptd printer probe --record: "+v.said(err))
	}
	return device, nil
}

// open makes one serving function per address. What it opened is closed when one fails.
func (v *virtualRun) open(ctx context.Context, p *virtual.Printer) (parts []func(context.Context) error, err error) {
	var opened []io.Closer
	defer func() {
		if err != nil {
			for _, c := range opened {
				_ = c.Close()
			}
		}
	}()
	for _, address := range v.f.listen {
		u, perr := url.Parse(address)
		switch {
		case perr == nil && u.Scheme == "tcp" && u.Port() != "":
			ln, err := v.listen(ctx, u.Host)
			if err != nil {
				return nil, err
			}
			opened = append(opened, ln)
			v.line("打印机在 tcp://%s", "printer at tcp://%s", ln.Addr())
			parts = append(parts, func(ctx context.Context) error { return p.ServeTCP(ctx, ln) })
		case perr == nil && u.Scheme == "pty" && u.Host == "" && len(u.Path) > 1:
			v.line("打印机在串口 %s", "printer at serial port %s", u.Path)
			parts = append(parts, func(ctx context.Context) error { return p.ServePTY(ctx, u.Path) })
		default:
			return nil, v.usage("--listen "+address+" 看不懂，要写 tcp://主机:端口 或 pty:///路径",
				"cannot use --listen "+address+": write tcp://HOST:PORT or pty:///PATH")
		}
	}
	if v.f.control != "" {
		ln, err := v.listen(ctx, v.f.control)
		if err != nil {
			return nil, err
		}
		v.line("控制接口 http://%s/state", "control at http://%s/state", ln.Addr())
		parts = append(parts, func(ctx context.Context) error { return serveControl(ctx, ln, p.Handler()) })
	}
	return parts, nil
}

func (v *virtualRun) listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, codeError{exitFailed, v.say("不能使用地址 "+address+"（已被占用？换一个端口）：", "cannot use address "+address+" (in use? take another port): ") + v.said(err)}
	}
	return ln, nil
}

// controlReserve is how many descriptors the control leaves to the printer's own connections and the files of its paper.
const controlReserve = 16

// serveControl serves HTTP until ctx ends.
func serveControl(ctx context.Context, ln net.Listener, h http.Handler) error {
	s := httpd.New(httpd.Options{Handler: h, Max: httpd.Room(controlReserve)})
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control interface: %w", err)
	}
	return nil
}

// tell says that a piece of paper came out.
func (v *virtualRun) tell(c virtual.Piece) {
	how, what := v.say("切下", "cut"), ""
	if c.Torn {
		how = v.say("撕下", "torn")
	}
	if c.Garbage {
		what = v.say("，有乱码", ", with garbage")
	}
	v.line("第 %d 张纸：%s，%d 点高%s", "piece %d: %s, %d dots high%s", c.N, how, c.DotsHigh, what)
}

func (v *virtualRun) line(zh, en string, args ...any) {
	if !v.quiet {
		fmt.Fprintf(v.out, v.say(zh, en)+"\n", args...)
	}
}
