package job

import (
	"errors"
	"slices"
	"strings"
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

// there reports whether a member counts: null and what the schema does not know are as absent.
func (m *member) there() bool { return !m.unknown && m.val.kind != 'z' }

// has reports whether an object has a member that counts.
func (n *node) has(key string) bool {
	for i := range n.mem {
		if n.mem[i].key == key && n.mem[i].there() {
			return true
		}
	}
	return false
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

	text string   // data; the texts of the tree are parts of it, so what outlives the tree is cloned
	mem  []member // of the objects that are open, and the arrays: each takes its own off the end when it closes
	arr  []node
}

const bom = "\ufeff"

// document reads the whole file. When it fails, s.pos is where.
func (s *scanner) document() (node, error) {
	if s.build {
		s.text = string(s.data)
	}
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
	from := len(s.mem)
	for {
		if s.pos >= len(s.data) {
			return nil, errEnd
		}
		if s.data[s.pos] != '"' {
			return nil, errSyntax
		}
		m := member{off: s.pos}
		var err error
		if m.key, err = s.string(); err != nil {
			return nil, err
		}
		s.space()
		if s.pos >= len(s.data) {
			return nil, errEnd
		}
		if s.data[s.pos] != ':' {
			return nil, errSyntax
		}
		s.pos++
		s.space()
		if m.val, err = s.value(); err != nil {
			return nil, err
		}
		if s.build {
			s.mem = append(s.mem, m)
		}
		more, err := s.next('}')
		if err != nil {
			return nil, err
		}
		if !more {
			mem := slices.Clone(s.mem[from:])
			s.mem = s.mem[:from]
			markTwice(mem)
			return mem, nil
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
	from := len(s.arr)
	for {
		v, err := s.value()
		if err != nil {
			return nil, err
		}
		if s.build {
			s.arr = append(s.arr, v)
		}
		more, err := s.next(']')
		if err != nil {
			return nil, err
		}
		if !more {
			arr := slices.Clone(s.arr[from:])
			s.arr = s.arr[:from]
			return arr, nil
		}
	}
}
