package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// wording is an error in both languages.
type wording struct{ zh, en string }

// Error is the English one.
func (w wording) Error() string { return w.en }

// words gives an error in both languages, as far as it has them.
func words(err error) (zh, en string) {
	var w wording
	if errors.As(err, &w) {
		return w.zh, w.en
	}
	return err.Error(), err.Error()
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
