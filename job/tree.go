package job

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep arrays and objects may lie in each other; no job needs more than eight.
const maxDepth = 32

// A node is one JSON value with its place in the file.
type node struct {
	kind byte     // 'o'bject 'a'rray 's'tring 'n'umber 'b'oolean 'z' null
	off  int      // offset of its first byte
	text string   // string: the value; number: as written; boolean: true or false
	hide string   // what the redacted file shows in its place, when not empty
	mem  []member // object, in the file's order
	arr  []node   // array
}

type member struct {
	key     string
	off     int  // offset of the key
	twice   bool // the object has an earlier member of that name
	unknown bool // no such member in the schema: kept in the redacted file only
	val     node
}

// get gives an object's member, nil when it is not there or null.
func (n *node) get(key string) *node {
	if n == nil || n.kind != 'o' {
		return nil
	}
	for i := range n.mem {
		if n.mem[i].key == key {
			if n.mem[i].val.kind == 'z' {
				return nil
			}
			return &n.mem[i].val
		}
	}
	return nil
}

// str gives a member's text when it is a string.
func (n *node) str(key string) string {
	if v := n.get(key); v != nil && v.kind == 's' {
		return v.text
	}
	return ""
}

// Reasons why a file is not one JSON object. errEnd alone may be cured by waiting.
var (
	errEnd      = errors.New("ends before the object is complete")
	errSyntax   = errors.New("not JSON")
	errUTF8     = errors.New("not UTF-8")
	errDeep     = errors.New("nested too deep")
	errTrailing = errors.New("data after the object")
	errObject   = errors.New("not an object")
)

// A scanner reads one JSON object (RFC 8259). With build it makes the tree; without, it allocates nothing.
type scanner struct {
	data  []byte
	pos   int
	build bool
	depth int
}

const bom = "\ufeff"

// document reads the whole file. When it fails, s.pos is where.
func (s *scanner) document() (node, error) {
	if len(s.data) >= 3 && string(s.data[:3]) == bom {
		s.pos = 3
	} else if len(s.data) < 3 && len(s.data) > 0 && string(s.data) == bom[:len(s.data)] {
		s.pos = len(s.data)
	}
	s.space()
	if s.pos == len(s.data) {
		return node{}, errEnd
	}
	if c := s.data[s.pos]; c != '{' {
		if _, err := s.rune(); err != nil {
			return node{}, err
		}
		if strings.IndexByte(`["-0123456789tfn`, c) < 0 {
			return node{}, errSyntax
		}
		return node{}, errObject
	}
	n, err := s.value()
	if err != nil {
		return n, err
	}
	s.space()
	if s.pos != len(s.data) {
		return n, errTrailing
	}
	return n, nil
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) value() (node, error) {
	n := node{off: s.pos}
	if s.pos >= len(s.data) {
		return n, errEnd
	}
	var err error
	switch c := s.data[s.pos]; {
	case c == '{':
		n.kind = 'o'
		n.mem, err = s.object()
	case c == '[':
		n.kind = 'a'
		n.arr, err = s.array()
	case c == '"':
		n.kind = 's'
		n.text, err = s.string()
	case c == '-' || '0' <= c && c <= '9':
		n.kind = 'n'
		n.text, err = s.number()
	case c == 't':
		n.kind, n.text, err = 'b', "true", s.word("true")
	case c == 'f':
		n.kind, n.text, err = 'b', "false", s.word("false")
	case c == 'n':
		n.kind, err = 'z', s.word("null")
	default:
		err = errSyntax
		if _, e := s.rune(); e != nil {
			err = e
		}
	}
	return n, err
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return errDeep
	}
	s.pos++
	s.space()
	return nil
}

// next eats the comma before another element or the closing bracket; more says which.
func (s *scanner) next(end byte) (more bool, err error) {
	s.space()
	if s.pos >= len(s.data) {
		return false, errEnd
	}
	switch s.data[s.pos] {
	case ',':
		s.pos++
		s.space()
		return true, nil
	case end:
		s.pos++
		s.depth--
		return false, nil
	}
	if _, err := s.rune(); err != nil {
		return false, err
	}
	return false, errSyntax
}

func (s *scanner) object() ([]member, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	if s.pos < len(s.data) && s.data[s.pos] == '}' {
		s.pos++
		s.depth--
		return nil, nil
	}
	var mem []member
	for {
		if s.pos >= len(s.data) {
			return mem, errEnd
		}
		if s.data[s.pos] != '"' {
			return mem, errSyntax
		}
		m := member{off: s.pos}
		var err error
		if m.key, err = s.string(); err != nil {
			return mem, err
		}
		s.space()
		if s.pos >= len(s.data) {
			return mem, errEnd
		}
		if s.data[s.pos] != ':' {
			return mem, errSyntax
		}
		s.pos++
		s.space()
		if m.val, err = s.value(); err != nil {
			return mem, err
		}
		if s.build {
			mem = append(mem, m)
		}
		more, err := s.next('}')
		if err != nil || !more {
			markTwice(mem)
			return mem, err
		}
	}
}

// markTwice marks each member whose key was there before.
func markTwice(mem []member) {
	if len(mem) <= 32 {
		for i := range mem {
			for j := range mem[:i] {
				if mem[j].key == mem[i].key {
					mem[i].twice = true
				}
			}
		}
		return
	}
	seen := make(map[string]bool, len(mem))
	for i := range mem {
		mem[i].twice = seen[mem[i].key]
		seen[mem[i].key] = true
	}
}

func (s *scanner) array() ([]node, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	if s.pos < len(s.data) && s.data[s.pos] == ']' {
		s.pos++
		s.depth--
		return nil, nil
	}
	var arr []node
	for {
		v, err := s.value()
		if err != nil {
			return arr, err
		}
		if s.build {
			arr = append(arr, v)
		}
		more, err := s.next(']')
		if err != nil || !more {
			return arr, err
		}
	}
}

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
	return string(s.data[from:s.pos]), nil
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
			return string(s.data[from:end]), nil
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
