package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/pdf"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/templates"
)

// tool finds a program of Debian's that reads PDF files, written by other people.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: install poppler-utils and zbar-tools", name)
		}
		t.Skipf("%s is not installed (poppler-utils, zbar-tools)", name)
	}
	return path
}

func load(t *testing.T, name string) *profile.Profile {
	t.Helper()
	p, err := profile.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// write makes the file of a layout and gives its name.
func write(t *testing.T, l *receiptline.Layout, p *profile.Profile) string {
	t.Helper()
	var b bytes.Buffer
	about := pdf.About{Title: "电子存根 V0001", Language: "zh-CN", Made: time.Date(2026, 8, 11, 12, 34, 50, 0, time.UTC), Maker: "receiptd"}
	if err := pdf.Write(&b, l, p, raster.Fonts{}, about); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// set lays a text out for a printer.
func set(t *testing.T, text string, p *profile.Profile) *receiptline.Layout {
	t.Helper()
	l, diags := receiptline.Set(text, receiptline.Options{Width: p.Columns, Measure: p.Measure})
	if receiptline.HasError(diags) {
		t.Fatal(diags)
	}
	return l
}

// textOf is the text of a file as another program reads it, each row's words apart by one blank.
func textOf(t *testing.T, file string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool(t, "pdftotext"), "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return rows(string(out))
}

// rows is a text's rows that say something, each row's words apart by one blank.
func rows(text string) (out []string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Trim(line, "\u202A\u202B\u202C") // a reader's own, around text from right to left
		if words := strings.Fields(line); len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

// black reads the picture that another program makes of the file at the printer's resolution.
func black(t *testing.T, file string, dpi int) (width, height int, dots []byte) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool(t, "pdftoppm"), "-r", fmt.Sprint(dpi), "-gray", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var kind string
	if _, err := fmt.Fscan(bytes.NewReader(out), &kind, &width, &height); err != nil || kind != "P5" {
		t.Fatalf("no picture: %.20q", out)
	}
	return width, height, out[len(out)-width*height:]
}

// Every template, on printers that differ most: the file shows the dots of the preview, and its text is the slip's.
func TestEveryTemplate(t *testing.T) {
	all, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"generic-80", "epson-tm-t88", "zj-5890"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		p := load(t, name)
		for _, sample := range templates.Samples() {
			j, err := templates.Sample(sample)
			if err != nil {
				t.Fatal(err)
			}
			slip, err := all.Render(templates.Input{Job: j, Copy: j.DefaultCopies()[0], Locale: "zh-CN",
				Mark:  job.Mark{Kind: job.MarkOriginal, PrintNo: 1},
				Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure})
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name+"/"+sample, func(t *testing.T) {
				t.Parallel()
				file := write(t, slip.Layout, p)
				sameDots(t, file, slip.Layout, p)
				sameText(t, file, slip.Layout)
				if info, err := os.Stat(file); err != nil || info.Size() > 60_000 {
					t.Errorf("%d bytes, %v", info.Size(), err)
				}
			})
		}
	}
}

// sameDots compares the file, at the printer's resolution, with the preview: at most 1 % of the black dots may differ.
func sameDots(t *testing.T, file string, l *receiptline.Layout, p *profile.Profile) {
	t.Helper()
	want := raster.Draw(l, p, raster.Fonts{})
	width, height, got := black(t, file, p.DPI)
	if width != want.Width || height != want.Height {
		t.Fatalf("%d x %d dots, want %d x %d", width, height, want.Width, want.Height)
	}
	ink, differ := 0, 0
	for y := range height {
		for x := range width {
			if want.Black(x, y) {
				ink++
			}
			if want.Black(x, y) != (got[y*width+x] < 128) {
				differ++
			}
		}
	}
	if ink == 0 || differ*100 > ink {
		t.Errorf("%d of %d black dots differ", differ, ink)
	}
}

// sameText compares the words of the file with the layout's: all of them, row by row in their order.
func sameText(t *testing.T, file string, l *receiptline.Layout) {
	t.Helper()
	var want []string
	end, _ := raster.End(l)
	for i := range end {
		var b strings.Builder
		for k := range l.Rows[i].Runs {
			b.WriteString(l.Rows[i].Runs[k].Text + " ")
		}
		if c := l.Rows[i].Code; c != nil && c.HRI {
			b.WriteString(c.HRIText())
		}
		want = append(want, rows(b.String())...)
	}
	squeeze := func(lines []string) string { return strings.ReplaceAll(strings.Join(lines, ""), " ", "") }
	if got := squeeze(textOf(t, file)); got != squeeze(want) {
		t.Errorf("text differs\n got: %s\nwant: %s", got, squeeze(want))
	}
}

// A name with characters outside the basic plane, letters with marks and Arabic can be searched like any other text.
func TestRareCharacters(t *testing.T) {
	p := load(t, "generic-80")
	for _, text := range []string{"𠮷野家 㐂寿司 龘", "Ärger, Čaj, 100 €", "^^^大字 BIG", "שלום עולם", "مرحبا بالعالم"} {
		t.Run(text, func(t *testing.T) {
			l := set(t, text+"\n", p)
			sameText(t, write(t, l, p), l)
		})
	}
}

// The codes of a slip can be read from the file.
func TestCodes(t *testing.T) {
	p := load(t, "generic-80")
	file := write(t, set(t, "电子小票\n\n{code:https://example.com/e/1;option:qrcode,4,m}\n\n\n{code:6901234567892;option:ean,2,72,hri}\n", p), p)
	png := filepath.Join(t.TempDir(), "page")
	if out, err := exec.CommandContext(t.Context(), tool(t, "pdftoppm"), "-r", "203", "-png", "-singlefile", file, png).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), tool(t, "zbarimg"), "--quiet", png+".png").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"QR-Code:https://example.com/e/1", "EAN-13:6901234567892"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not among %q", want, out)
		}
	}
	if got := strings.Join(textOf(t, file), " "); !strings.Contains(got, "6901234567892") {
		t.Errorf("the digits below the bars are no text: %q", got)
	}
}

// The same slip gives the same file, and one that takes no paper gives a page too.
func TestSameBytes(t *testing.T) {
	p := load(t, "generic-58")
	var files [2][]byte
	for i := range files {
		b, err := os.ReadFile(write(t, set(t, "人民商场\n", p), p))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = b
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two files of one slip differ")
	}
	if got := textOf(t, write(t, set(t, "", p), p)); len(got) != 0 {
		t.Errorf("text on an empty slip: %q", got)
	}
}

type brokenDisk struct{}

var errBroken = errors.New("disk is broken")

func (brokenDisk) Write([]byte) (int, error) { return 0, errBroken }

// A file that could not be written is an error.
func TestBrokenDisk(t *testing.T) {
	p := load(t, "generic-80")
	if err := pdf.Write(brokenDisk{}, set(t, "x\n", p), p, raster.Fonts{}, pdf.About{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	p, err := profile.Load("generic-80")
	if err != nil {
		b.Fatal(err)
	}
	l, _ := receiptline.Set(strings.Repeat("合计 TOTAL|123.45\n", 40), receiptline.Options{Width: p.Columns, Measure: p.Measure})
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := pdf.Write(&file, l, p, raster.Fonts{}, pdf.About{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(file.Len()), "bytes/file")
}
