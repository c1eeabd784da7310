package stream

import "fmt"

// name gives what a command is called in the makers' lists: ESC 4, GS ( E.
func name(cmd []byte) string {
	n := map[byte]string{0x1B: "ESC ", 0x1C: "FS ", 0x1D: "GS "}[cmd[0]] + symbol(cmd[1])
	if (cmd[1] == '(' || cmd[1] == '8') && len(cmd) > 2 {
		n += " " + symbol(cmd[2])
	}
	return n
}

func symbol(c byte) string {
	if c > 0x20 && c < 0x7F {
		return string(rune(c))
	}
	return hex(c)
}

func hex(c byte) string { return fmt.Sprintf("%02X", c) }
