// Package iconv is a pure-Go stand-in for github.com/qiniu/iconv, which needs cgo and which github.com/hennedo/escpos
// imports. It offers the three calls used there over golang.org/x/text; go.mod of the parent module puts it in place by
// a replace directive. It owns nothing on disk and starts no goroutine.
package iconv

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// ErrUnknown is wrapped by Open for an encoding that is not known here.
var ErrUnknown = errors.New("unknown encoding")

// An Iconv converts text from one encoding to another. The zero value converts nothing: ConvString returns "".
type Iconv struct{ to, from encoding.Encoding }

var encodings = map[string]encoding.Encoding{
	"utf-8": unicode.UTF8, "utf8": unicode.UTF8,
	"gbk": simplifiedchinese.GBK, "cp936": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030,
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852,
	"cp858": charmap.CodePage858, "cp866": charmap.CodePage866,
	"iso-8859-1": charmap.ISO8859_1, "cp1252": charmap.Windows1252,
}

// Open prepares a conversion. Names are those of iconv, in either case; a suffix such as //IGNORE is not supported.
func Open(tocode, fromcode string) (Iconv, error) {
	to, from := encodings[strings.ToLower(tocode)], encodings[strings.ToLower(fromcode)]
	if to == nil {
		return Iconv{}, fmt.Errorf("convert to %q: %w", tocode, ErrUnknown)
	}
	if from == nil {
		return Iconv{}, fmt.Errorf("convert from %q: %w", fromcode, ErrUnknown)
	}
	return Iconv{to, from}, nil
}

// ConvString converts s. As with the original there is no error to return: text that the target encoding cannot hold
// gives "".
func (cd Iconv) ConvString(s string) string {
	if cd.to == nil || cd.from == nil {
		return ""
	}
	plain, err := cd.from.NewDecoder().String(s)
	if err != nil {
		return ""
	}
	out, err := cd.to.NewEncoder().String(plain)
	if err != nil {
		return ""
	}
	return out
}

// Close ends the conversion; there is nothing to release.
func (cd Iconv) Close() error { return nil }
