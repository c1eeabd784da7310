package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/internal/plain"
)

// wording is an error in both languages.
type wording struct{ zh, en string }

// Error is the English one.
func (w wording) Error() string { return w.en }

// Words gives both.
func (w wording) Words() (zh, en string) { return w.zh, w.en }

// words gives an error in both languages, as far as it has them.
func words(err error) (zh, en string) {
	var w wording
	if errors.As(err, &w) {
		return w.zh, w.en
	}
	t := plain.Error(err)
	return t.Zh, t.En
}

// Duration is a time span written as in Go: 30s, 2m, 1h.
type Duration time.Duration

var wantDuration = wording{`写成带引号和单位的，例如 "30s"、"2m"、"1h"`, `write it in quotes and with a unit, like "30s", "2m", "1h"`}

func parseDuration(text string) (time.Duration, error) {
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return 0, wording{fmt.Sprintf("%q 不是时间，例如 30s、2m、1h", text), fmt.Sprintf("%q is not a time span like 30s, 2m or 1h", text)}
	}
	return v, nil
}

// UnmarshalText reads "30s".
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := parseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes "30s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// A Key is a text that nobody may see who reads a configuration: whoever prints it gets a mark instead.
type Key struct{ text string }

// hidden stands in place of a key.
const hidden = "(hidden)"

// Reveal gives the text, for its one use.
func (k Key) Reveal() string { return k.text }

// String hides it.
func (k Key) String() string {
	if k.text == "" {
		return ""
	}
	return hidden
}

// GoString hides it.
func (k Key) GoString() string { return strconv.Quote(k.String()) }

// MarshalText hides it from config show.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it.
func (k *Key) UnmarshalText(text []byte) error {
	k.text = string(text)
	return nil
}

// Strings is one string or a list of strings.
type Strings []string

// UnmarshalTOML reads either form.
func (s *Strings) UnmarshalTOML(data []byte) error {
	doc := append([]byte("v = "), data...)
	var list struct{ V []string }
	if err := toml.Unmarshal(doc, &list); err == nil {
		*s = list.V
		return nil
	}
	var one struct{ V string }
	if err := toml.Unmarshal(doc, &one); err != nil {
		return fmt.Errorf("want a string or a list of strings, not %s", data)
	}
	*s = Strings{one.V}
	return nil
}

// String joins the list.
func (s Strings) String() string { return strings.Join(s, ", ") }
