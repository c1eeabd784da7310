package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/web"
)

// Printers lists the printers for the page.
func (d *Daemon) Printers() []web.PrinterStatus {
	stations := d.stations()
	out := make([]web.PrinterStatus, len(stations))
	for i, s := range stations {
		out[i] = s.status()
	}
	return out
}

// status tells what is known about one printer.
func (s *station) status() web.PrinterStatus {
	st := s.printer.Status()
	out := web.PrinterStatus{Name: s.name, Device: s.cfg.Device, Profile: s.profile.Name, State: string(st.State), Reason: string(st.Reason),
		Text: printerText(st), Since: st.Since, Early: st.Early && !st.Pinned, NearEnd: st.NearEnd, LastProof: st.LastProof, PaperOut: st.PaperOut.Seconds()}
	if st.Tier != 0 {
		out.Tier = string(st.Tier)
	}
	return out
}

// reasonTexts say what a person at the counter should know and do. None claims anything about the money.
var reasonTexts = map[printer.Reason]job.Text{
	printer.PaperOut:  {Zh: "缺纸。装纸并合上盖子后自动继续。", En: "Out of paper. Load a roll and close the cover; printing goes on by itself."},
	printer.CoverOpen: {Zh: "盖子开着。合上后自动继续。", En: "The cover is open. Close it; printing goes on by itself."},
	printer.Cutter:    {Zh: "切刀卡住。打开盖子取出卡纸，合上盖子。", En: "The cutter is jammed. Open the cover, take the paper out, close it."},
	printer.Hot:       {Zh: "打印头过热，冷却后自动继续。", En: "The print head is hot. It goes on by itself when it has cooled."},
	printer.Offline:   {Zh: "打印机脱机。看打印机的指示灯和按键。", En: "The printer is offline. Look at its lamps and buttons."},
	printer.Fault:     {Zh: "打印机故障。关机等 10 秒再开；不行请换打印机。", En: "Printer fault. Switch it off, wait 10 s, switch it on; if that fails use another printer."},
	printer.LinkDown:  {Zh: "连不上打印机。检查电源和连接线。", En: "The printer cannot be reached. Check its power and cable."},
}

func printerText(st printer.Status) job.Text {
	switch st.State {
	case printer.Ready, printer.Idle, printer.Printing:
		if st.NearEnd {
			return job.Text{Zh: "正常，纸快用完。", En: "Ready; paper is running low."}
		}
		if st.State == printer.Printing {
			return job.Text{Zh: "正在打印。", En: "Printing."}
		}
		return job.Text{Zh: "正常。", En: "Ready."}
	case printer.Unknown:
		return job.Text{Zh: "还没有联系过。", En: "Not asked yet."}
	}
	if text, ok := reasonTexts[st.Reason]; ok {
		return text
	}
	return job.Text{Zh: "打印机没有准备好：" + string(st.Reason), En: "The printer is not ready: " + string(st.Reason)}
}

// Command asks a printer for something that takes paper or time.
func (d *Daemon) Command(ctx context.Context, name, command string) (string, error) {
	s := d.station(name)
	if s == nil {
		return "", web.ErrNoPrinter
	}
	switch command {
	case "jam-cleared":
		err := s.printer.JamCleared(ctx)
		if errors.Is(err, printer.ErrNoJam) {
			return "", &web.NotReadyError{Text: job.Text{Zh: "这台打印机现在没有报告切刀卡纸。", En: "This printer reports no jammed cutter now."}}
		}
		if err != nil {
			return "", fmt.Errorf("tell the printer that the jam is cleared: %w", err)
		}
		return "ok", nil
	}
	return "", web.ErrNoPrinter
}
