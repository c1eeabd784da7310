package daemon

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// TestSlipsFollowTheConfiguration: what [slip] and [[money]] say is on the slip.
func TestSlipsFollowTheConfiguration(t *testing.T) {
	const text = "[[printer]]\nname = \"front\"\ndevice = \"tcp://192.0.2.1:9100\"\n[slip]\nnegative = [\"void\"]\nhotline = \"95516\"\nfooter = [\"bye\"]\nlogo = \"1,96,24\"\n[[money]]\ncurrency = \"CNY\"\ngroup = \",\"\n"
	c, err := config.Parse("", []byte(text), nil, Check)
	if err != nil {
		t.Fatal(err)
	}
	shop, err := Shop(c)
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := templates.Sample("void")
	if err != nil {
		t.Fatal(err)
	}
	j.Transaction.Amount.Total = 123456789
	slip, err := set.Render(templates.Input{Job: j, Copy: job.CopyMerchant, Shop: shop, Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"{logo:1,96,24}", `RMB \-1,234,567.89`, "HOTLINE 95516", "\nbye\n"} {
		if !strings.Contains(slip.Source, want) {
			t.Errorf("no %q on\n%s", want, slip.Source)
		}
	}
}

// TestLogoIsLookedAt: a configuration whose logo cannot be used is refused with the line, in both languages.
func TestLogoIsLookedAt(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "logo.png"), []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"logo.png", "other.png", "0,1,1"} {
		text := "[[printer]]\nname = \"front\"\ndevice = \"tcp://192.0.2.1:9100\"\n[slip]\nlogo = \"" + name + "\"\n"
		_, err := config.Parse(filepath.Join(dir, "receiptd.toml"), []byte(text), nil, Check)
		if err == nil || !strings.Contains(err.Error(), "receiptd.toml:5:") || !strings.Contains(err.Error(), "logo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLabelOnPaper: a slip that was printed for another printer names it as people do.
func TestLabelOnPaper(t *testing.T) {
	p, _, _ := twoStations(t, "A")
	now := *p.now.Load()
	cfg := *now.cfg
	cfg.Printers = slices.Clone(cfg.Printers)
	cfg.Printers[0].Label = "前台"
	now.cfg = &cfg
	p.now.Store(&now)
	j, err := templates.Sample("sale")
	if err != nil {
		t.Fatal(err)
	}
	slip, err := p.render(t.Context(), now.station("back"), j, job.CopyMerchant, job.Mark{Kind: job.MarkOriginal, PrintNo: 1, From: "front"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(slip.Source, "FROM PRINTER: 前台") {
		t.Errorf("the printer is not named:\n%s", slip.Source)
	}
}
