package doctor

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/link"
)

var (
	answerTime = time.Second            // for a printer that answers at once; slow networks included
	quickTime  = 400 * time.Millisecond // at each other speed of a serial line
)

// answers asks an open printer how it is.
func (x *examination) answers(ctx context.Context, p config.Printer, conn link.Conn) {
	var other diagnosis.ServiceError
	status, err := ask(conn, answerTime)
	switch {
	case err == nil:
		x.state(p, status)
	case errors.As(err, &other):
		x.diagnosed(p, diagnosis.Case{Cause: diagnosis.OtherService, Detail: string(other), Printer: p.Name}.Diagnosis())
	case errors.Is(err, link.ErrLost):
		x.diagnosed(p, diagnosis.Of(p.Device, err, diagnosis.Options{Printer: p.Name}))
	case strings.HasPrefix(p.Device, string(link.Serial)+"://"):
		dark := isDark(conn)
		conn.Close()
		x.serial(ctx, p, err, dark)
	default:
		x.mute(p, false)
	}
}

// mute tells of a printer that does not answer; dark: and no line of its port is on.
func (x *examination) mute(p config.Printer, dark bool) {
	if p.Proof == "D" && !dark {
		x.add("mute", Warning, p.Name, text("打印机不回答（配置里已写明 proof = \"D\"）", "the printer does not answer (the configuration says so: proof = \"D\")"), text("小票保持“已发送”；能回答的打印机才有打印证明", "slips stay \"sent\"; only a printer that answers can prove"))
		return
	}
	d, err := link.Parse(p.Device)
	if err != nil {
		return
	}
	c := diagnosis.Case{Device: d, Cause: diagnosis.NoAnswer, Printer: p.Name}
	if dark {
		c.Cause = diagnosis.Dark
	}
	found := c.Diagnosis()
	if !dark && p.Proof != "D" {
		found.Fix.Zh += "；能打却从不回答（receiptd printer test " + p.Name + "）就写 proof = \"D\""
		found.Fix.En += "; if it prints (receiptd printer test " + p.Name + ") and never answers, set proof = \"D\""
	}
	x.diagnosed(p, found)
}

// isDark says whether no modem line of a serial port is on.
func isDark(conn link.Conn) bool {
	s, ok := conn.(link.Signalled)
	if !ok {
		return false
	}
	lines, err := s.Signals()
	return err == nil && lines.Dark()
}

// serial looks for the reason of silence on a serial line: another speed, or flow control that is not there.
func (x *examination) serial(ctx context.Context, p config.Printer, cause error, dark bool) {
	d, err := link.Parse(p.Device)
	if err != nil {
		return
	}
	if errors.Is(cause, diagnosis.ErrBlocked) {
		found := diagnosis.Case{Device: d, Cause: diagnosis.Blocked, Printer: p.Name}.Diagnosis()
		found.Fix.Zh += "：" + diagnosis.With(p.Device, "flow", "none")
		found.Fix.En += ": " + diagnosis.With(p.Device, "flow", "none")
		x.diagnosed(p, found)
		return
	}
	if baud, other, ok := diagnosis.OtherSpeed(ctx, p.Device, quickTime, x.o.Open); ok {
		found := diagnosis.Case{Device: d, Cause: diagnosis.WrongSpeed, Detail: strconv.Itoa(baud), Printer: p.Name}.Diagnosis()
		found.Fix = text("把 device 改成："+other, "change device to: "+other)
		x.diagnosed(p, found)
		return
	}
	x.mute(p, dark)
}

// ask puts the four real-time questions. An error means that none was answered.
func ask(conn link.Conn, limit time.Duration) (escpos.Status, error) {
	var s escpos.Status
	for _, n := range []byte{escpos.AskPrinter, escpos.AskOffline, escpos.AskError, escpos.AskRoll} {
		b, err := diagnosis.Ask(conn, n, limit)
		if err != nil && n == escpos.AskPrinter {
			return s, err
		}
		if err == nil {
			s.Answer(n, b)
		}
	}
	return s, nil
}

// untrue is what to do when the printer says what is not so.
var untrue = text("；如果不是这样，就是传感器误报：擦干净，修好之前写 proof = \"D\"", "; if that is not so its sensor is wrong: clean it, and until it is repaired set proof = \"D\"")

// state tells how a printer is that answers.
func (x *examination) state(p config.Printer, s escpos.Status) {
	load := text("装纸，合上盖子", "load a roll and close the cover")
	switch {
	case s.Unrecoverable:
		x.add("not_ready", Problem, p.Name, text("打印机故障", "printer fault"), text("关机等 10 秒再开；不行请换打印机", "switch it off, wait 10 s, switch it on; if that fails use another printer"))
	case s.Cutter:
		x.add("not_ready", Problem, p.Name, text("切刀卡住", "the cutter is jammed"), text("打开盖子取出卡纸，合上，再运行：receiptd printer jam-cleared "+p.Name, "open the cover, take the paper out, close it, then run: receiptd printer jam-cleared "+p.Name))
	case s.CoverOpen:
		x.add("not_ready", Problem, p.Name, text("盖子开着", "the cover is open"), text("合上盖子"+untrue.Zh, "close the cover"+untrue.En))
	case s.PaperEnd:
		x.add("not_ready", Problem, p.Name, text("缺纸", "out of paper"), text(load.Zh+untrue.Zh, load.En+untrue.En))
	case s.Hot:
		x.add("not_ready", Warning, p.Name, text("打印头过热", "the print head is hot"), text("等它冷却", "let it cool"))
	case s.Offline:
		x.add("not_ready", Problem, p.Name, text("打印机脱机", "the printer is offline"), text("看打印机的指示灯和按键", "look at its lamps and buttons"))
	case s.NearEnd:
		x.add("printer", Warning, p.Name, text("打印机有回答；纸快用完", "the printer answers; paper is running low"), load)
	default:
		x.good("printer", p.Name, "打印机有回答，状态正常", "the printer answers and is ready")
	}
}
