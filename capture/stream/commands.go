package stream

import (
	"bytes"
	"slices"
	"strings"
)

// A class says what becomes of a command.
type class uint8

const (
	dropped  class = iota
	reset          // ESC @
	setting        // kept: how what follows looks; in force until another one of its kind comes
	once           // kept: it prints or moves something here and now
	picture        // kept: its data are dots
	defines        // kept: its data are the dots of a character or picture to be printed later
	code           // kept where a printer can be given its data
	cutting        // kept: the paper is cut
	question       // answered, not kept
	pulse          // for the drawer, not kept
)

// classes are the allow-list: what is not here is dropped.
var classes = map[byte][]struct {
	class class
	of    string // second bytes
}{
	0x1B: {
		{reset, "@"}, {setting, " !-239EGMRUVart{%?DTW"}, {once, "<JKdeLS$\\\x0c"}, {picture, "*"}, {defines, "&"}, {code, "Z"}, {cutting, "im"},
		{question, "uv"}, {pulse, "p"},
	},
	0x1C: {{setting, "!&.-SWC?"}, {once, "p"}, {defines, "2"}},
	0x1D: {
		{setting, "!BHLWfhwbPZ"}, {once, "$\\T/"}, {picture, "v"}, {defines, "*"}, {code, "k"}, {cutting, "V"}, {question, "Ira"},
	},
}

// classOf says what becomes of a whole command.
func classOf(cmd []byte) class {
	if cmd[1] == '(' || cmd[1] == '8' && cmd[0] == 0x1D {
		return classExtended(cmd)
	}
	if cmd[0] == 0x1D && cmd[1] == 'V' && (cmd[2] == 97 || cmd[2] == 98) {
		return once // it only reserves a place for the cut
	}
	for _, c := range classes[cmd[0]] {
		if strings.IndexByte(c.of, cmd[1]) >= 0 {
			return c.class
		}
	}
	return dropped
}

// classExtended is for those with functions: FS ( c, GS ( c, GS 8 L.
func classExtended(cmd []byte) class {
	d := body(cmd)
	switch cmd[0] {
	case 0x1C:
		if (cmd[2] == 'A' || cmd[2] == 'C') && len(d) > 0 {
			return setting
		}
		return dropped
	case 0x1B:
		return dropped
	}
	switch cmd[2] {
	case 'H':
		return question
	case 'L':
		return classGraphics(d)
	case 'k':
		if len(d) > 1 && d[1] < 80 {
			return setting
		}
		return code
	case 'N':
		if len(d) > 0 {
			return setting
		}
	case 'P', 'Q':
		return once
	}
	return dropped
}

// classGraphics is for GS ( L and GS 8 L. What would be written into the printer's flash is a setting of the printer: dropped.
func classGraphics(d []byte) class {
	if len(d) < 2 {
		return dropped
	}
	switch d[1] {
	case 112, 113:
		return picture
	case 83, 84:
		return defines
	case 2, 50, 69, 85:
		return once
	}
	return dropped
}

// body gives what follows the length of GS ( c and its like.
func body(cmd []byte) []byte {
	n := 5
	if cmd[1] == '8' {
		n = 7
	}
	return cmd[min(n, len(cmd)):]
}

// dataAt gives where the dots of a command begin, as every printer reads it.
func dataAt(cmd []byte) int {
	n := 5 // ESC *, ESC &
	switch {
	case cmd[1] == '(':
		n = 5 + 10
	case cmd[1] == '8':
		n = 7 + 10
	case cmd[1] == 'v':
		n = 8
	case cmd[1] == '2', cmd[0] == 0x1D && cmd[1] == '*':
		n = 4
	}
	return min(n, len(cmd))
}

// command does what is to be done with a whole command that some printer knows.
func (r *Reader) command(cmd []byte) Event {
	kind := classOf(cmd)
	switch kind {
	case question:
		return Event{Asked, cmd}
	case pulse:
		return Event{Pulse, cmd}
	case picture, defines:
		if !maskRequests(cmd, dataAt(cmd)) {
			kind = dropped
		}
	case code:
		if !plain(cmd) {
			kind = dropped
		}
	case setting, once, cutting, reset, dropped:
		if obeyedWithin(cmd) {
			kind = dropped
		}
	}
	if kind == dropped {
		r.drop(name(cmd))
		return Event{}
	}
	at := len(r.out)
	r.keep(cmd)
	if kind == reset {
		r.keep([]byte(r.reset))
	}
	if r.tooLong {
		return Event{}
	}
	return r.apply(kind, cmd, at)
}

// apply does to the reader's own state what a kept command does to the printer's; at is where it stands in what is kept.
func (r *Reader) apply(kind class, cmd []byte, at int) Event {
	free := r.text.line.empty() && !r.text.page.on
	if (kind == setting || kind == once) && len(cmd) > longSetting {
		r.text.lose(readable(cmd)) // no printer's parameters are so long: it may be text
	}
	switch kind {
	case reset:
		r.sets.clear()
	case setting, defines:
		if free || !strings.Contains("\x1ba\x1b{\x1dL\x1dW", string(cmd[:2])) { // these act at the beginning of a line only
			r.sets.set(cmd)
		}
	case cutting:
		if !free { // printers ignore it then
			return Event{}
		}
		r.cutAt = at
		r.text.cut()
		return Event{What: Cut}
	default:
		r.cutAt = -1
	}
	r.text.command(cmd)
	return Event{}
}

// longSetting is how long a command with parameters alone may be before its bytes are read as text, too.
const longSetting = 12

// obeyedWithin reports whether a printer would find a real-time request in a command.
func obeyedWithin(cmd []byte) bool {
	for i := 0; i+2 < len(cmd); i++ {
		if obeyed(cmd[i:]) {
			return true
		}
	}
	return false
}

// plain reports whether a code can go to the printer. ESC Z and its data, which many printers do not know and print as text, must be such.
func plain(cmd []byte) bool {
	if obeyedWithin(cmd) {
		return false
	}
	if cmd[0] != 0x1B {
		return true
	}
	printable := func(c byte) bool { return c >= 0x20 && c <= 0x7E }
	for _, c := range cmd[2:5] {
		if c >= 0x09 && !printable(c) {
			return false
		}
	}
	return cmd[6] == 0 && !bytes.ContainsFunc(cmd[7:], func(c rune) bool { return !printable(byte(min(c, 0xFF))) })
}

// settings are what is in force beside the printer's own defaults, each kind once, in the order in which they were last set.
type settings struct {
	keys  []string
	bytes [][]byte
	size  int
}

// maxSettings bounds what is repeated before each slip of a connection: characters that the program drew itself, most of all.
const maxSettings = 32 << 10

func (s *settings) clear() { *s = settings{} }

// set notes a setting that is in force from now on.
func (s *settings) set(cmd []byte) {
	key := string(cmd[:keySize(cmd)])
	for i, k := range s.keys {
		if k == key {
			s.size -= len(s.bytes[i])
			s.keys = append(s.keys[:i], s.keys[i+1:]...)
			s.bytes = append(s.bytes[:i], s.bytes[i+1:]...)
			break
		}
	}
	cmd = bytes.Clone(cmd)
	if key == tabStops { // its stops are characters of the size in force, which may change behind it (Epson, ESC D)
		cmd = slices.Concat(append(s.sizes(), cmd)...)
	}
	if s.size+len(cmd) > maxSettings {
		return
	}
	s.keys, s.bytes, s.size = append(s.keys, key), append(s.bytes, cmd), s.size+len(cmd)
}

const tabStops = "\x1bD"

// sizes gives what is in force of the commands that say how wide a character is.
func (s *settings) sizes() (list [][]byte) {
	for i, k := range s.keys {
		if k == "\x1b!" || k == "\x1bM" || k == "\x1d!" || k == "\x1b " {
			list = append(list, s.bytes[i])
		}
	}
	return list
}

// keySize is how many bytes of a setting tell what it sets.
func keySize(cmd []byte) int {
	switch {
	case cmd[0] == 0x1B && cmd[1] == '&':
		return 5
	case cmd[0] == 0x1C && cmd[1] == '2', cmd[0] != 0x1D && cmd[1] == '?':
		return min(4, len(cmd))
	case cmd[1] == '(':
		return min(5+2, len(cmd))
	case cmd[1] == '8':
		return min(7+2, len(cmd))
	case cmd[0] == 0x1C && (cmd[1] == '&' || cmd[1] == '.'):
		return 1 // one undoes the other
	case cmd[0] == 0x1B && (cmd[1] == '2' || cmd[1] == '3'):
		return 1
	}
	return 2
}

// append writes the settings; tab stops first, with the sizes of their time, which the later ones end.
func (s *settings) append(b []byte) []byte {
	if i := slices.Index(s.keys, tabStops); i >= 0 {
		b = append(b, s.bytes[i]...)
	}
	for i, c := range s.bytes {
		if s.keys[i] != tabStops {
			b = append(b, c...)
		}
	}
	return b
}
