package virtual

import "bytes"

// A scanner looks for real-time requests among arriving bytes, wherever they stand: between commands, as parameters, inside
// payloads (Epson programming guide, real-time commands).
//
//	10 04 n                          DLE EOT: status
//	10 05 n                          DLE ENQ: recover
//	10 14 fn ...                     DLE DC4: pulse, power off, buzzer, status now, clear
type scanner struct {
	seen [16]byte
	n    int
}

// next reads b up to the end of the first real-time request in it. It returns how many bytes it read and the request, nil
// when b holds none; a request may have begun in an earlier b.
func (s *scanner) next(b []byte) (int, []byte) {
	for i := 0; i < len(b); i++ {
		if s.n == 0 {
			k := bytes.IndexByte(b[i:], 0x10)
			if k < 0 {
				return len(b), nil
			}
			i += k
		}
		s.seen[s.n] = b[i]
		s.n++
		switch want := realTimeLen(s.seen[:s.n]); want {
		case 0: // not a request; this byte may begin one
			s.n = 0
			if b[i] == 0x10 {
				s.seen[0], s.n = b[i], 1
			}
		case s.n:
			s.n = 0
			return i + 1, s.seen[:want]
		}
	}
	return len(b), nil
}

// realTimeLen gives the whole length of the request that s begins, 0 when it cannot become one.
func realTimeLen(s []byte) int {
	if s[0] != 0x10 {
		return 0
	}
	if len(s) == 1 {
		return 3
	}
	switch s[1] {
	case 0x04:
		if len(s) == 3 && (s[2] == 7 || s[2] == 8 || s[2] == 0x12) {
			return 4
		}
		return lenIf(len(s) < 3 || s[2] >= 1 && s[2] <= 6 || len(s) == 4, max(3, len(s)))
	case 0x05:
		return lenIf(len(s) < 3 || s[2] <= 2, 3)
	case 0x14:
		return dc4Len(s)
	}
	return 0
}

func lenIf(ok bool, n int) int {
	if ok {
		return n
	}
	return 0
}

var (
	dc4Off   = []byte{0x10, 0x14, 0x02, 0x01, 0x08}
	dc4Clear = []byte{0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08}
)

func dc4Len(s []byte) int {
	if len(s) < 3 {
		return 3
	}
	switch s[2] {
	case 1:
		return lenIf(len(s) < 4 || s[3] <= 1 && (len(s) < 5 || s[4] >= 1 && s[4] <= 8), 5)
	case 2:
		return lenIf(bytes.HasPrefix(dc4Off, s), len(dc4Off))
	case 3:
		return 8
	case 7:
		return 4
	case 8:
		return lenIf(bytes.HasPrefix(dc4Clear, s), len(dc4Clear))
	}
	return 0
}
