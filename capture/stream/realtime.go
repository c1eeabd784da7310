package stream

// realTime goes on with what begins with DLE: a request, or nothing that a printer knows.
//
//	10 04 n        DLE EOT: a question about its state; n = 7, 8 and 18 have one byte more
//	10 05 n        DLE ENQ: recover from an error
//	10 14 fn ...   DLE DC4: a pulse for the drawer, power off, buzzer, a status, clear
func (r *Reader) realTime() Event {
	cmd := r.cmd
	want := realTimeSize(cmd)
	switch {
	case want > len(cmd):
		r.need = want
		return Event{}
	case want == 0: // no request: what was seen last may begin something
		r.drop("DLE " + symbol(cmd[1]))
		last := cmd[len(cmd)-1]
		r.cmd = r.cmd[:0]
		_, e := r.begin([]byte{last})
		return e
	}
	r.cmd = nil
	switch {
	case cmd[1] == 0x04, cmd[1] == 0x14 && cmd[2] == 7:
		return Event{Asked, cmd}
	case cmd[1] == 0x14 && cmd[2] == 1:
		return Event{Pulse, cmd}
	case cmd[1] == 0x05:
		r.drop("DLE ENQ")
	default:
		r.drop("DLE DC4 " + symbol('0'+cmd[2]))
	}
	return Event{}
}

// realTimeSize gives the length of a request, or of what must be seen first; 0 for what is none.
func realTimeSize(c []byte) int {
	switch {
	case len(c) < 2:
		return 2
	case c[1] != 0x04 && c[1] != 0x05 && c[1] != 0x14:
		return 0
	case len(c) < 3:
		return 3
	}
	switch n := c[2]; {
	case c[1] == 0x04 && (n == 7 || n == 8 || n == 0x12):
		return 4
	case c[1] == 0x04 && n >= 1 && n <= 6, c[1] == 0x05 && n <= 2:
		return 3
	case c[1] == 0x14:
		return pulseSizes[n]
	}
	return 0
}

// pulseSizes are the lengths of DLE DC4 by its function.
var pulseSizes = [256]int{1: 5, 2: 5, 3: 8, 7: 4, 8: 10}

// maskRequests changes one dot wherever the data of a picture, which begin at from, hold what a printer would obey on arrival. It reports false
// where such bytes stand before the data.
func maskRequests(cmd []byte, from int) bool {
	for i := 0; i+2 < len(cmd); i++ {
		if !obeyed(cmd[i:]) {
			continue
		}
		if i+2 < from {
			return false
		}
		cmd[i+2] ^= 0x80
	}
	return true
}

// obeyed reports whether a printer would take b for the beginning of a request.
func obeyed(b []byte) bool {
	if b[0] != 0x10 {
		return false
	}
	switch n := b[2]; b[1] {
	case 0x04:
		return n >= 1 && n <= 8 || n == 0x12
	case 0x05:
		return n <= 2
	case 0x14:
		return n >= 1 && n <= 3 || n == 7 || n == 8
	}
	return false
}
