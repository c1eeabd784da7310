package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/vocabulary"
)

// testPage is the ReceiptLine source of the page that shows what a printer makes of everything a slip needs: a ruler over
// the full width, characters of several code pages, Chinese, sizes, codes, and the cut.
func (s *station) testPage(at time.Time) string {
	w, small := s.profile.Columns, cmp.Or(s.profile.SmallColumns(), s.profile.Columns)
	ruler := strings.Repeat("1234567890", w/10+1)[:w]
	text := func(v string) string { return receiptline.Escape(v) }
	lines := []string{
		"^^测试页 TEST",
		"非凭证 / NOT A RECEIPT",
		"名称 printer |" + text(s.name),
		"型号 profile |" + text(s.profile.Name),
		"宽度 width |" + fmt.Sprint(w),
		"时间 time |" + at.Format("2006-01-02 15:04:05"),
		"---",
		text(ruler),
		text("<" + strings.Repeat("=", w-2) + ">"),
		"中文 简体：凭证号 批次 结算 冲正 撤销",
		"繁體：憑證 壹貳參肆 ￥1234.56",
		"ABC abc 0O 1lI 5S 8B",
		"EUR € GBP £ JPY ¥ cent ¢ §",
		"àéîõü ÄÖÜß ñ ç Ø Å",
		"Русский  Ελληνικά",
		"{font:small}",
		text(strings.Repeat("1234567890", small/10+1)[:small]),
		"small: this row and the one above",
		"{font:normal}",
		"^宽 WIDE",
		"^^高 TALL",
		"^^^大 BIG",
		"\"粗体 bold\"  _下划线 underline_",
		"{code:receiptd test; option:qrcode,4,m}",
		"{code:0123456789; option:code128,2,64,hri}",
		"左右两边的 < > 应完整 / both < and > whole",
		"空白纸？把纸卷翻过来 / blank? turn the roll",
		"=",
	}
	return strings.Join(lines, "\n")
}

// encodeTest sets and encodes the test page.
func (s *station) encodeTest(at time.Time) (escpos.Slip, error) {
	layout, diags := receiptline.Set(s.testPage(at), receiptline.Options{Width: s.profile.Columns, Small: s.profile.SmallColumns()})
	if receiptline.HasError(diags) {
		return escpos.Slip{}, fmt.Errorf("set test page: %v", diags)
	}
	slip, _ := escpos.Encode(layout, s.profile, escpos.Options{Fonts: s.fonts}) // what it warns of is what the page shows
	return slip, nil
}

// test prints the test page and tells how it ended. It waits for slips under way. Nothing is journalled: the page is no slip.
func (s *station) test(ctx context.Context) (api.TestPage, error) {
	slip, err := s.encodeTest(time.Now())
	if err != nil {
		return api.TestPage{}, err
	}
	// A printer that is held waits for a person; whoever asked for a test page stands there and wants to know at once.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var held printer.Reason
	out := s.printer.Print(ctx, printer.Attempt{
		Slip:  slip,
		Begin: func(context.Context) (printer.ID, error) { return randomID(), nil },
		Report: func(st printer.State, r printer.Reason) {
			if st == printer.Held {
				held = r
				cancel()
			}
		},
	})
	if out.State == printer.NotSent {
		if held == "" || out.Reason != "" && out.Reason != printer.Stopped {
			held = out.Reason
		}
		return api.TestPage{}, s.notReady(held)
	}
	r := api.TestPage{Printer: s.name, State: out.State, Reason: out.Reason, Alarm: out.Alarm}
	if out.Tier != 0 {
		r.Tier = vocabulary.Tier(out.Tier)
	}
	return r, nil
}

// probe measures which proof the printer gives.
func (s *station) probe(ctx context.Context, cover bool, report func(string)) (api.Probe, error) {
	// The printer must be free and well before paper moves.
	r, err := s.printer.Probe(ctx, printer.ProbeOptions{Cover: cover, Report: func(step printer.ProbeStep) { report(string(step)) }})
	if err != nil {
		if st := s.printer.Status(); st.State == printer.OnHold || st.State == printer.Down {
			return api.Probe{}, s.notReady(st.Reason)
		}
		return api.Probe{}, err
	}
	return api.Probe{Printer: s.name, Tier: vocabulary.Tier(r.Tier), Early: r.Early, Auto: r.Auto, Took: r.Took.Seconds(),
		Least: r.Least.Seconds(), Cover: r.Cover, Silent: r.Silent}, nil
}

// notReady says why nothing was printed, in the words of the status: a line that does not open has many causes.
func (s *station) notReady(r printer.Reason) error {
	text := reasonText(r)
	if st := s.printer.Status(); st.State == printer.Down {
		if d, _ := s.trouble(st); d.Cause != "" {
			text = d.Text()
		}
	}
	return &api.NotReadyError{Reason: r, Text: text}
}

// randomID is the proof id of a page that no journal counts.
func randomID() printer.ID {
	var id printer.ID
	_, _ = rand.Read(id[:]) // never fails
	for i := range id {
		id[i] = 0x20 + id[i]%95
	}
	return id
}
