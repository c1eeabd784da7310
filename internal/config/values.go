package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Duration is a time span written as in Go: 30s, 2m, 1h.
type Duration time.Duration

// UnmarshalText reads "30s".
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a time span like 30s, 2m or 1h", text)
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
