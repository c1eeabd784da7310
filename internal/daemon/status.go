package daemon

import (
	"cmp"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/vocabulary"
)

// status tells what is known about one printer.
func (s *station) status() api.Printer {
	st := s.printer.Status()
	out := api.Printer{Name: s.name, Label: s.cfg.Label, Device: s.cfg.Device, Profile: s.profile.Name, State: st.State, Reason: st.Reason,
		Text: printerText(st), Since: st.Since, Early: st.Early && !st.Pinned, NearEnd: st.NearEnd, LastProof: st.LastProof, PaperOut: st.PaperOut.Seconds(),
		PortStatus: st.PortStatus}
	if hasDrawer(s.cfg, s.profile) {
		out.Drawer = cmp.Or(st.Drawer, vocabulary.DrawerUnknown)
	}
	if st.Tier != 0 {
		out.Tier = vocabulary.Tier(st.Tier)
	}
	s.diagnose(&out, st)
	return out
}

// longHold is how long a printer must have said the same before the page adds that it may not be so: a person who could mend it
// has had the time.
const longHold = 10 * time.Minute

// sensorLies is the way out when it is not so.
var sensorLies = job.Text{Zh: "如果不是这样，就是打印机的传感器在误报：擦干净；修好之前可在配置里写 proof = \"D\"，不再问打印机，小票只算“已发送”。",
	En: "If that is not so, one of its sensors is wrong: clean it; until it is repaired set proof = \"D\" in the configuration: the printer is then asked nothing, and slips are only \"sent\"."}

// portSays names who says so where nothing better does.
var portSays = job.Text{Zh: "这是 USB 端口状态说的，这台打印机不会说别的；如果不是这样，在配置里写 proof = \"D\"，就不再看它。",
	En: "The status of its USB port says so: this printer tells nothing else. If that is not so set proof = \"D\" in the configuration: the port is then not looked at."}

// printerText says what a person at the counter should know and do. It claims nothing about the money.
func printerText(st printer.Status) job.Text {
	switch st.State {
	case printer.Ready, printer.Idle, printer.Printing:
		if st.NearEnd {
			return vocabulary.Form(vocabulary.KindPrinter, "near_end", vocabulary.Help)
		}
		return vocabulary.Form(vocabulary.KindPrinter, st.State, vocabulary.Help)
	case printer.Unknown:
		return vocabulary.Form(vocabulary.KindPrinter, st.State, vocabulary.Help)
	}
	text := reasonText(st.Reason)
	if st.State == printer.OnHold && st.PortStatus {
		text.Zh += portSays.Zh
		text.En += " " + portSays.En
		return text
	}
	if sensor := st.Reason == printer.PaperOut || st.Reason == printer.CoverOpen; sensor && st.State == printer.OnHold && time.Since(st.Since) > longHold {
		text.Zh += sensorLies.Zh
		text.En += " " + sensorLies.En
	}
	return text
}

// reasonText says why a printer is not ready, and what to do.
func reasonText(reason printer.Reason) job.Text {
	if text := vocabulary.Form(vocabulary.KindReason, reason, vocabulary.Help); text != (vocabulary.Text{}) {
		return text
	}
	return job.Text{Zh: "打印机没有准备好：" + string(reason), En: "The printer is not ready: " + string(reason)}
}
