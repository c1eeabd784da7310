package printer_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/templates"
)

// rendered is the first copy of a sample job, laid out for a profile. The words are what must be legible on paper.
func rendered(t *testing.T, prof *profile.Profile, name string) (printer.Slip, []string) {
	t.Helper()
	j, err := templates.Sample(name)
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := set.Render(templates.Input{Job: j, Copy: j.DefaultCopies()[0], Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1},
		Width: prof.Columns, Small: prof.SmallColumns(), Locale: "zh-CN", Measure: prof.Measure})
	if err != nil {
		t.Fatal(err)
	}
	slip, _ := escpos.Encode(r.Layout, prof, escpos.Options{})
	var words []string
	for _, w := range strings.Fields(r.Layout.Text()) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			words = append(words, w)
		}
	}
	return slip, words
}

// custom is a model that differs from a named one.
func custom(base string, edit func(*virtual.Model)) *virtual.Model {
	m, err := virtual.ModelByName(base)
	if err != nil {
		panic(err)
	}
	m.Name = ""
	edit(&m)
	return &m
}

// TestPairs prints the sample sale with every profile on the printers that it stands for, each with its quirk: what is
// claimed, and whether every word of the slip is on the paper.
func TestPairs(t *testing.T) {
	u220 := custom("epson-tm-t88iii", func(m *virtual.Model) {
		m.Dots, m.DPI, m.Columns, m.Speed, m.NoGraphics, m.NoGSBangCJK = 480, 160, 40, 30, true, true
	})
	drawn := func(p *profile.Profile) { p.NativeQR = false }
	seen := map[string]bool{}
	defer func() {
		for _, name := range profile.Names() {
			if !seen[name] && !strings.HasPrefix(name, "western-") { // Chinese as dots has no words to look for: compared with previews
				t.Errorf("profile %s is on no printer", name)
			}
		}
	}()
	for _, c := range []struct {
		profile, model string
		custom         *virtual.Model
		edit           func(*profile.Profile)
		state          printer.State
		tier           byte
		probed         bool // a person has let it be probed
	}{
		{profile: "epson-tm-t88", model: "epson-tm-t88", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-t88", model: "epson-lan", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-t88", model: "epson-cover-switch", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-t88", model: "epson-tm-t88iii", state: printer.Processed, tier: 'B'}, // older than its profile
		{profile: "epson-tm-t20", model: "generic-80", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-t82", model: "generic-80", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-m30", model: "generic-80", state: printer.Printed, tier: 'A'},
		{profile: "epson-tm-u220", custom: u220, state: printer.Processed, tier: 'B'},
		{profile: "generic-58", model: "generic-58", state: printer.Printed, tier: 'A'},
		{profile: "generic-58", model: "inner-58", state: printer.Processed, tier: 'B', edit: func(p *profile.Profile) { p.StatusDLE, p.StatusASB = false, false }},
		{profile: "generic-80", model: "generic-80", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "nz", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-raster-255", state: printer.Printed, tier: 'A', edit: drawn},
		{profile: "generic-80", model: "clone-no-qr", state: printer.Printed, tier: 'A', edit: drawn},
		{profile: "generic-80", model: "clone-gs-bang", state: printer.Printed, tier: 'A', edit: func(p *profile.Profile) { p.GSBangCJK = false }},
		{profile: "generic-80", model: "clone-esc-bang", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-lagging", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-lan-drops", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-truncates", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-garbage", state: printer.Printed, tier: 'A'},
		{profile: "generic-80", model: "clone-parse-proof", state: printer.Processed, tier: 'B', probed: true},
		{profile: "generic-80", model: "clone-status-only", state: printer.Sent, tier: 'C'},
		{profile: "xprinter-58", model: "xprinter-58", state: printer.Processed, tier: 'B'},
		{profile: "xprinter-80", model: "xprinter-80", state: printer.Printed, tier: 'A'},
		{profile: "rongta-80", model: "rongta-80", state: printer.Processed, tier: 'B', probed: true},
		{profile: "gprinter-80", model: "gprinter-80", state: printer.Printed, tier: 'A'},
		{profile: "hprt-80", model: "hprt-tp80k", state: printer.Processed, tier: 'B'},
		{profile: "bixolon-srp", model: "clone-no-gsh", state: printer.Processed, tier: 'B'},
		{profile: "citizen-ct", model: "clone-no-gsh", state: printer.Processed, tier: 'B'},
		{profile: "star-escpos", custom: custom("clone-no-gsh", func(m *virtual.Model) { m.NoASB, m.NoClear = true, true }), state: printer.Processed, tier: 'B'},
		{profile: "zj-5890", model: "zj-5890", state: printer.Sent, tier: 'D'},
		{profile: "sunmi-58", custom: custom("generic-58", func(m *virtual.Model) { m.NoGSH, m.NoGSR, m.NoASB = true, true, true }), state: printer.Sent, tier: 'C'},
		{profile: "sunmi-80", model: "gprinter-80", state: printer.Printed, tier: 'A'},
	} {
		seen[c.profile] = true
		bubble(t, c.profile+" on "+c.model, func(t *testing.T) {
			b := newBench(t, options{model: virtual.Options{Model: c.model, Custom: c.custom, Speed: virtual.Real}, profile: c.profile, edit: c.edit})
			defer b.stop()
			if c.probed {
				if _, err := b.p.Probe(context.Background(), printer.ProbeOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"sale", "scan-pay"} {
				slip, words := rendered(t, &b.prof, name)
				o := b.p.Print(context.Background(), b.attempt(slip))
				want(t, o, c.state, "")
				if o.Tier != c.tier {
					t.Errorf("tier %c, want %c", o.Tier, c.tier)
				}
				time.Sleep(10 * time.Second)
				b.tearOff()
				pieces := b.v.Pieces()
				var text strings.Builder
				for _, p := range pieces {
					text.WriteString(p.Text() + "\n")
					if p.Garbage {
						t.Errorf("%s: garbage on the paper: %q", name, p.Text())
					}
				}
				paper := strings.Join(strings.Fields(text.String()), "")
				for _, w := range words {
					if !strings.Contains(paper, w) {
						t.Errorf("%s: %q is not on the paper", name, w)
					}
				}
			}
			if n := b.v.State().Counters.BytesLost; n > 0 {
				t.Errorf("%d bytes lost", n)
			}
		})
	}
}
