package job

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func (s *scanner) word(w string) error {
	for i := range len(w) {
		if s.pos >= len(s.data) {
			return errEnd
		}
		if s.data[s.pos] != w[i] {
			return errSyntax
		}
		s.pos++
	}
	return nil
}

func (s *scanner) digits() (int, error) {
	from := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == from {
		if s.pos >= len(s.data) {
			return 0, errEnd
		}
		return 0, errSyntax
	}
	return s.pos - from, nil
}

func (s *scanner) number() (string, error) {
	from := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	zero := s.pos < len(s.data) && s.data[s.pos] == '0'
	n, err := s.digits()
	if err == nil && zero && n > 1 {
		s.pos -= n - 1
		err = errSyntax
	}
	if err == nil && s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		_, err = s.digits()
	}
	if err == nil && s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		_, err = s.digits()
	}
	if err != nil || !s.build {
		return "", err
	}
	return s.text[from:s.pos], nil
}

// rune eats one character outside ASCII or inside it.
func (s *scanner) rune() (rune, error) {
	rest := s.data[s.pos:]
	r, n := utf8.DecodeRune(rest)
	if r == utf8.RuneError && n <= 1 {
		if !utf8.FullRune(rest) {
			s.pos = len(s.data)
			return 0, errEnd
		}
		return 0, errUTF8
	}
	return r, nil
}

// string reads a string with its quotes.
func (s *scanner) string() (string, error) {
	s.pos++
	from := s.pos
	var buf []byte // only when there was an escape
	escaped := false
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		switch {
		case c == '"':
			end := s.pos
			s.pos++
			if !s.build {
				return "", nil
			}
			if escaped {
				return string(append(buf, s.data[from:end]...)), nil
			}
			return s.text[from:end], nil
		case c == '\\':
			if s.build {
				buf = append(buf, s.data[from:s.pos]...)
			}
			escaped = true
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			if s.build {
				buf = utf8.AppendRune(buf, r)
			}
			from = s.pos
		case c < 0x20:
			return "", errSyntax
		case c < utf8.RuneSelf:
			s.pos++
		default:
			r, err := s.rune()
			if err != nil {
				return "", err
			}
			s.pos += utf8.RuneLen(r)
		}
	}
	return "", errEnd
}

// escape reads one escape sequence, or a pair of them for a character outside the basic plane.
func (s *scanner) escape() (rune, error) {
	if s.pos+1 >= len(s.data) {
		s.pos = len(s.data)
		return 0, errEnd
	}
	c := s.data[s.pos+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		s.pos += 2
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return 0, errSyntax
	}
	at := s.pos
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if r < 0xDC00 {
		for i, want := range []byte{'\\', 'u'} {
			if s.pos+i >= len(s.data) {
				s.pos = len(s.data)
				return 0, errEnd
			}
			if s.data[s.pos+i] != want {
				s.pos = at
				return 0, errUTF8
			}
		}
		low, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if p := utf16.DecodeRune(r, low); p != utf8.RuneError {
			return p, nil
		}
	}
	s.pos = at
	return 0, errUTF8
}

// hex4 reads backslash, u and four hexadecimal digits.
func (s *scanner) hex4() (rune, error) {
	s.pos += 2
	var r rune
	for range 4 {
		if s.pos >= len(s.data) {
			return 0, errEnd
		}
		c := s.data[s.pos]
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, errSyntax
		}
		s.pos++
	}
	return r, nil
}
