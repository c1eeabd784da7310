package daemon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/escpos"
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/templates"
)

// hostile are documents, each made as large as the door lets it, that would cost a program without bounds the most.
func hostile(t *testing.T) map[string]map[string]any {
	pngOf := func(img image.Image) string {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 1900, 1400)), nil); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	noise := image.NewPaletted(image.Rect(0, 0, 576, 1900), color.Palette{color.White, color.Black})
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.IntN(2))
	}
	fill := func(s string) string { // as often as goes into a file: a line end takes two bytes there
		return strings.Repeat(s, min(199_000/utf8.RuneCountInString(s), 250_000/(len(s)+strings.Count(s, "\n"))))
	}
	upTo := func(s string, each int) string { return strings.Repeat(s, 79_000/each) }
	docs := map[string]map[string]any{}
	for name, doc := range map[string]string{
		"rules": fill("-\n"), "quadruple rows": fill("^^^^^x\n"), "styles in rows": fill("a_a_a_a_a_a_a_a_\n"), "columns": fill("a|b|c|d|e\n"), "blank rows": fill("\n"), "cuts": fill("=\n"), "comments": fill("{_:x}\n"),
		"one endless line": "{w:1}\n" + fill("a"), "pipes": fill("|"), "styles": fill("a_"), "sizes": fill("^^^^^^^a"),
		"marks": fill("a\u20dd\u20dd\u20dd\u20dd"), "boxes": "{b:line}\n" + fill("-\na|b|c|d\n"), "codes": fill("{c:a}\n"),
		"a deep picture": "{i:" + pngOf(image.NewNRGBA64(image.Rect(0, 0, 2048, 2048))) + "}", "a photo": "{i:" + base64.StdEncoding.EncodeToString(photo.Bytes()) + "}",
		"pictures":               fill("{i:" + pngOf(image.NewGray(image.Rect(0, 0, 2048, 2048))) + "}\n"),
		"rules to the limit":     upTo("-\n", 30),
		"quadruple to the limit": upTo("^^^^^啊啊啊啊啊啊\n", 102),
		"large to the limit":     upTo("^^^^^^^`啊啊啊啊`\n", 150),
		"drawn to the limit":     upTo(strings.Repeat("ﺏ", 24)+"\n", 30),
		"styles to the limit":    upTo(strings.Repeat("a_", 36)+"\n", 30),
		"marks to the limit":     upTo("^^^^^^^啊"+strings.Repeat("\u20dd", 20)+"\n", 150),
		"boxes to the limit":     "{b:line}\n" + upTo("-\na|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p\n", 48),
		"codes to the limit":     "{o:24}\n" + upTo("{c:abcdefghi}\n", 24),
		"QR to the limit":        "{o:qrcode,3}\n" + upTo("{c:abcdefghi}\n", 63),
		"cuts to the limit":      upTo("=\nx\n", 510),
		"small to the limit":     "{font:small}\n" + upTo(strings.Repeat("x", 50)+"\n", 17),
		"pictures to the limit":  "{i:" + pngOf(image.NewPaletted(image.Rect(0, 0, 2048, 2048), color.Palette{color.White, color.Black})) + "}\n" + "{i:" + pngOf(image.NewPaletted(image.Rect(0, 0, 2048, 2047), color.Palette{color.White, color.Black})) + "}\n",
		"colour pictures":        "{i:" + pngOf(image.NewNRGBA(image.Rect(0, 0, 2048, 1024))) + "}\n{i:" + pngOf(image.NewNRGBA(image.Rect(0, 0, 2047, 1024))) + "}",
		"noise":                  "{i:" + pngOf(noise) + "}",
		"empty":                  "{_:nothing}",
	} {
		docs[name] = map[string]any{"receiptline": doc}
	}
	blocks := func(n int, b map[string]any) map[string]any {
		list := make([]any, n)
		for i := range list {
			list[i] = b
		}
		return map[string]any{"blocks": list}
	}
	docs["blocks of rules"] = blocks(1000, map[string]any{"type": "rule"})
	docs["blocks of feeds"] = blocks(1000, map[string]any{"type": "feed", "lines": 20})
	docs["blocks of large text"] = blocks(30, map[string]any{"type": "text", "scale": 6, "text": strings.Repeat("x", 7900)})
	docs["blocks of QR codes"] = blocks(1000, map[string]any{"type": "qr", "data": "receiptd"})
	docs["blocks of bar codes"] = blocks(1000, map[string]any{"type": "barcode", "data": "receiptd"})
	return docs
}

// Whatever a document holds, it is refused at the door with the limit's name, or its preview and its bytes take bounded memory
// and time: less than 64 MB in all.
func TestDocumentsAreBounded(t *testing.T) {
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, payload := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "blocks of large text" {
				t.Skip("bounds are no matter of goroutines")
			}
			data, err := json.Marshal(map[string]any{"job_id": "h-1", "kind": "document", "payload": payload})
			if err != nil {
				t.Fatal(err)
			}
			if len(data) > job.MaxSize {
				t.Fatalf("%d bytes: the door refuses it", len(data))
			}
			begun := time.Now()
			peak := peakOf(func() { bounded(t, set, data) })
			t.Logf("%v, %d MB", time.Since(begun).Round(time.Millisecond), peak>>20)
			if peak > 32<<20 {
				t.Errorf("it took %d MB", peak>>20)
			}
		})
	}
}

// bounded takes a job as the door does, and draws and encodes it as a preview and a printer would.
func bounded(t *testing.T, set *templates.Set, data []byte) {
	parsed := job.Parse(data)
	if parsed.Job == nil {
		t.Logf("refused: %+v", parsed.Errors[0])
		return
	}
	p, err := profile.Load("generic-80")
	if err != nil {
		t.Fatal(err)
	}
	paper := templates.Paper{Copy: job.CopyDocument, Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure}
	if bad := set.Check(parsed.Job, []templates.Paper{paper}); len(bad) > 0 {
		t.Logf("refused: %s %s", bad[0].Code, bad[0].Message.En)
		if bad[0].Message.Zh == "" || bad[0].Fix.En == "" {
			t.Errorf("refused without a word: %+v", bad[0])
		}
		return
	}
	slip, err := set.Render(templates.Input{Job: parsed.Job, Copy: job.CopyDocument, Width: p.Columns, Small: p.SmallColumns(), Measure: p.Measure,
		Mark: job.Mark{Kind: job.MarkDuplicate, PrintNo: 2, At: time.Now(), Operator: "01"}})
	if err != nil {
		t.Errorf("taken, and cannot be printed: %v", err)
		return
	}
	var picture counter
	if err := raster.PNG(&picture, slip.Layout, p, raster.Fonts{}); err != nil {
		t.Error(err)
	}
	encoded, _ := escpos.Encode(slip.Layout, p, escpos.Options{})
	t.Logf("%d rows, %d bytes of picture, %d of text, %d for the printer, %d dots", len(slip.Layout.Rows), picture, len(slip.Layout.Text()), len(encoded.Content), encoded.Dots)
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// peakOf gives by how much the heap grows at most while do runs, with little garbage: how much of that a collector leaves at the usual setting is
// a matter of when it runs, and what other tests hold is none of do's.
func peakOf(do func()) (peak uint64) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	before := heap[0].Value.Uint64()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		metrics.Read(heap)
		if now := heap[0].Value.Uint64(); now > before {
			peak = max(peak, now-before)
		}
		select {
		case <-done:
			return peak
		case <-tick.C:
		}
	}
}
