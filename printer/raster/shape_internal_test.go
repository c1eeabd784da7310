package raster

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// notoFont gives one of Debian's fonts-noto-core, or skips: the gate installs it.
func notoFont(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("/usr/share/fonts/truetype/noto", name+".ttf")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v (Debian: fonts-noto-core)", err)
		}
		t.Skipf("%v (Debian: fonts-noto-core)", err)
	}
	return path
}

// Letters are joined as HarfBuzz joins them: the same glyphs at the same places, for words of a receipt and for random ones
// with vowel marks.
func TestShapeAgainstHarfBuzz(t *testing.T) {
	hb := tool(t, "hb-shape", "libharfbuzz-bin")
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		font    string
		words   []string
		letters string
	}{
		{"NotoNaskhArabic-Regular", []string{"المجموع", "شكرا لزيارتكم", "لله", "إن شاء الله", "فاتورة ضريبية", "لا", "ﷲ", "نقداً", "مُحَمَّدٌ"}, "ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآةىؤئء َُِّْ"},
		{"NotoSansHebrew-Regular", []string{"סה\"כ לתשלום", "שלום", "תָּמִיד", "קבלה"}, "אבגדהוזחטיכלמנסעפצקרשתךםןףץ ְָּ"},
	} {
		words := c.words
		letters := []rune(c.letters)
		for range 60 {
			word := []rune{letters[random.IntN(20)]}
			for range random.IntN(8) {
				word = append(word, letters[random.IntN(len(letters))])
			}
			words = append(words, string(word))
		}
		path := notoFont(t, c.font)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sh := newShaper(data)
		for _, word := range words {
			out, err := exec.Command(hb, "--direction=rtl", "--output-format=json", "--no-glyph-names", "--font-size=upem", path, word).Output()
			if err != nil {
				t.Fatal(err)
			}
			var want []struct {
				G              uint32
				Ax, Dx, Dy, Cl int
			}
			if err := json.Unmarshal(out, &want); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			text := []rune(word)
			got := sh.shaped(text, 0, len(text), true, float32(sh.face.Upem())).Glyphs
			same := len(got) == len(want)
			for i := 0; same && i < len(want); i++ {
				g, w := got[i], want[i]
				same = uint32(g.GlyphID) == w.G && g.Advance.Round() == w.Ax && g.XOffset.Round() == w.Dx && g.YOffset.Round() == w.Dy
			}
			if !same {
				t.Errorf("%s %q: %+v, want %s", c.font, word, got, out)
			}
		}
	}
}
