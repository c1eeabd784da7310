package receiptline_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/receiptline"
)

// flat is a picture of one colour in base64.
func flat(t *testing.T, img image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// Every kind of document that would take too much paper, memory or time is refused with the limit's name.
func TestBounds(t *testing.T) {
	small := flat(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	large := flat(t, image.NewPaletted(image.Rect(0, 0, 2048, 2048), color.Palette{color.White, color.Black}))
	deep := flat(t, image.NewNRGBA64(image.Rect(0, 0, 1200, 1000)))
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 1000, 1000)), nil); err != nil {
		t.Fatal(err)
	}
	const size = 60_000
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, c := range map[string]struct{ doc, code string }{
		"rules":               {repeat("-\n"), "too_long"},
		"blank rows":          {repeat("\n"), "too_long"},
		"cuts":                {repeat("=\n"), "too_long"},
		"quadruple rows":      {repeat("^^^^^x\n"), "too_long"},
		"six times high":      {repeat("^^^^^^^x\n"), "too_long"},
		"small rows":          {"{font:small}\n" + repeat("a\n"), "too_long"},
		"one endless line":    {"{width:1}\n" + strings.Repeat("a", size), "too_long"},
		"breaks in a line":    {repeat(`\n`) + "a", "too_many_parts"},
		"breaks in lines":     {repeat(strings.Repeat(`\n`, 100) + "\n"), "too_long"},
		"columns in a line":   {repeat("|"), "too_many_parts"},
		"styles in a line":    {repeat("a_"), "too_many_parts"},
		"properties":          {"{" + repeat("ab:c;") + "}", "too_many_parts"},
		"boxes":               {repeat("{b:line}\na|b\n{b:0}\n"), "too_long"},
		"rows of a box":       {"{b:line}\n" + repeat("-\na|b\n"), "too_long"},
		"QR codes":            {"{o:qrcode,8}\n" + repeat("{c:a}\n"), "too_long"},
		"bar codes":           {"{o:240}\n" + repeat("{c:a}\n"), "too_long"},
		"logos":               {repeat("{logo:1,9,2000}\n"), "too_long"},
		"small pictures":      {"{_:x}\n" + strings.Repeat("{i:"+small+"}\n", 4_000), "too_long"},
		"large pictures":      {strings.Repeat("{i:"+large+"}\n", 3), "too_many_pictures"},
		"a deep picture":      {"{i:" + deep + "}", "image_invalid"},
		"comments":            {repeat("{_:x}\n"), "too_many_lines"},
		"marks":               {repeat("a" + strings.Repeat("\u20dd", 12)), "too_many_marks"},
		"marks alone":         {repeat("\u20dd"), "too_many_marks"},
		"large marks":         {"^^^^^^^" + repeat("a"+strings.Repeat("\u20dd", 12)), "too_many_marks"},
		"joiners":             {repeat("\u200d"), "too_many_marks"},
		"a JPEG as it may be": {"{i:" + base64.StdEncoding.EncodeToString(photo.Bytes()) + "}", ""},
	} {
		l, diags := receiptline.Set(c.doc, receiptline.Options{Width: 48, Small: 64, Logos: true, MaxDots: 80_000})
		if receiptline.HasError(diags) != (c.code != "") || c.code != "" && !has(diags, c.code) {
			t.Errorf("%s: %.300v, want %q", name, diags, c.code)
		}
		dots := 0
		for i := range l.Rows {
			dots += l.Rows[i].Dots()
		}
		if dots > 80_000 {
			t.Errorf("%s: %d dots are set", name, dots)
		}
	}
	for _, c := range []struct {
		max     int
		refused bool
	}{{800, true}, {8000, false}} {
		_, diags := receiptline.Set(strings.Repeat("a\n", 40), receiptline.Options{MaxDots: c.max})
		if has(diags, "too_long") != c.refused {
			t.Errorf("40 rows in %d dots: %v", c.max, diags)
		}
	}
	_, diags := receiptline.Set(strings.Repeat("-\n", 9000), receiptline.Options{MaxDots: 80_000})
	if len(diags) != 1 || !strings.Contains(diags[0].En, "10 metres") || !strings.Contains(diags[0].Zh, "10 米") {
		t.Errorf("the limit is not named: %v", diags)
	}
}

// has tells whether one of the errors has that code.
func has(diags []receiptline.Diagnostic, code string) bool {
	return slices.ContainsFunc(diags, func(d receiptline.Diagnostic) bool { return d.Severity == receiptline.Error && d.Code == code })
}

// What a script writes above and below its letters, and pictures joined of several, is no crowd of marks.
func TestMarksOfScripts(t *testing.T) {
	for _, text := range []string{"ที่นี่น้ำ", "שָׁלוֹם", "Việt Nam", "क्षत्रिय", "👩\u200d👩\u200d👧\u200d👦", "e\u0301\u0323"} {
		if _, diags := receiptline.Set(fmt.Sprintf("{width:*,8}\n|%s |%s|", text, text), receiptline.Options{Width: 24}); receiptline.HasError(diags) {
			t.Errorf("%s: %v", text, diags)
		}
	}
}
