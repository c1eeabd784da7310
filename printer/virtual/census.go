package virtual

import (
	"slices"
	"strconv"
)

// A NotDone is something that the host sent and this printer did not do: a command that it does not have, or not in this form.
type NotDone struct {
	Command string `json:"command"` // its name and the parameters that tell forms apart: "GS ( N", "ESC t 66"
	N       int64  `json:"n"`       // how often it came
	First   int64  `json:"first"`   // how many bytes the printer had taken before the first of them
}

// A census counts what was not done. It outlives the printer's power, as the other counters do.
type census struct {
	at   int64 // where the command began that is being done, in bytes parsed
	seen map[string]*NotDone
}

// mostKinds bounds what a stream of nonsense can make the census remember.
const mostKinds = 256

// miss counts one more of what is not done.
func (c *census) miss(command string) {
	if c.seen == nil {
		c.seen = map[string]*NotDone{}
	}
	if c.seen[command] == nil {
		if len(c.seen) >= mostKinds {
			command = "more kinds"
		}
		if c.seen[command] == nil {
			c.seen[command] = &NotDone{Command: command, First: c.at}
		}
	}
	c.seen[command].N++
}

// list is what was not done, in the order in which it first came. It is never nil.
func (c *census) list() []NotDone {
	all := make([]NotDone, 0, len(c.seen))
	for _, n := range c.seen {
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b NotDone) int {
		if a.First != b.First {
			return int(a.First - b.First)
		}
		if a.Command < b.Command {
			return -1
		}
		return 1
	})
	return all
}

// nameOf is a command as people write it: ESC, FS or GS and the byte after it, and after ( the one after that.
func nameOf(c []byte) string {
	name := map[byte]string{0x1B: "ESC ", 0x1C: "FS ", 0x1D: "GS "}[c[0]] + symbolOf(c[1])
	if c[1] == '(' && len(c) > 2 {
		name += " " + symbolOf(c[2])
	}
	return name
}

// symbolOf writes one byte: as the character that it is, or in hexadecimal.
func symbolOf(b byte) string {
	if b > 0x20 && b < 0x7F {
		return string(rune(b))
	}
	return strconv.FormatUint(uint64(b)+0x100, 16)[1:]
}

// decimal writes parameters as the maker's reference does.
func decimal(params ...byte) string {
	s := ""
	for i, b := range params {
		if i > 0 {
			s += " "
		}
		s += strconv.Itoa(int(b))
	}
	return s
}
