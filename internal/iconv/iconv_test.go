package iconv_test

import (
	"errors"
	"testing"

	"github.com/qiniu/iconv"
)

func TestConvString(t *testing.T) {
	for _, c := range []struct{ to, from, in, want string }{
		{"gbk", "utf-8", "中A", "\xd6\xd0A"},
		{"GBK", "UTF-8", "元", "\xd4\xaa"},
		{"utf-8", "gbk", "\xd6\xd0", "中"},
		{"cp850", "utf-8", "é", "\x82"},
		{"cp850", "utf-8", "中", ""}, // cannot be held: nothing, as the original does
		{"gbk", "utf-8", "😀", ""},
		{"gbk", "utf-8", "", ""},
	} {
		cd, err := iconv.Open(c.to, c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := cd.ConvString(c.in); got != c.want {
			t.Errorf("%s from %s: %q gives %q, want %q", c.to, c.from, c.in, got, c.want)
		}
		if err := cd.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenUnknown(t *testing.T) {
	for _, c := range [][2]string{{"klingon", "utf-8"}, {"utf-8", ""}, {"gbk//IGNORE", "utf-8"}} {
		if _, err := iconv.Open(c[0], c[1]); !errors.Is(err, iconv.ErrUnknown) {
			t.Errorf("Open(%q, %q): %v, want ErrUnknown", c[0], c[1], err)
		}
	}
	if got := (iconv.Iconv{}).ConvString("x"); got != "" {
		t.Errorf("the zero value gave %q", got)
	}
}
