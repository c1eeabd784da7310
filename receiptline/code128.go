package receiptline

// code128Table has the eleven modules of each symbol value (ISO/IEC 15417, table 1).
var code128Table = [106]uint16{
	0x6cc, 0x66c, 0x666, 0x498, 0x48c, 0x44c, 0x4c8, 0x4c4, 0x464, 0x648, 0x644, 0x624, 0x59c, 0x4dc, 0x4ce, 0x5cc,
	0x4ec, 0x4e6, 0x672, 0x65c, 0x64e, 0x6e4, 0x674, 0x76e, 0x74c, 0x72c, 0x726, 0x764, 0x734, 0x732, 0x6d8, 0x6c6,
	0x636, 0x518, 0x458, 0x446, 0x588, 0x468, 0x462, 0x688, 0x628, 0x622, 0x5b8, 0x58e, 0x46e, 0x5d8, 0x5c6, 0x476,
	0x776, 0x68e, 0x62e, 0x6e8, 0x6e2, 0x6ee, 0x758, 0x746, 0x716, 0x768, 0x762, 0x71a, 0x77a, 0x642, 0x78a, 0x530,
	0x50c, 0x4b0, 0x486, 0x42c, 0x426, 0x590, 0x584, 0x4d0, 0x4c2, 0x434, 0x432, 0x612, 0x650, 0x7ba, 0x614, 0x47a,
	0x53c, 0x4bc, 0x49e, 0x5e4, 0x4f4, 0x4f2, 0x7a4, 0x794, 0x792, 0x6de, 0x6f6, 0x7b6, 0x578, 0x51e, 0x45e, 0x5e8,
	0x5e2, 0x7a8, 0x7a2, 0x5de, 0x5ee, 0x75e, 0x7ae, 0x684, 0x690, 0x69c,
}

const code128Stop = 0x18eb // thirteen modules

// The code sets of Code 128 and the values that choose them.
const (
	setA = iota
	setB
	setC
)

const code128Shift = 98 // the next symbol is of the other of sets A and B

// code128To is the value that changes to each set.
var code128To = [3]byte{setA: 101, setB: 100, setC: 99}

// Code128 returns the symbol values of ASCII data with the fewest symbols over code sets A, B and C: the start, the data
// and the changes of set, the check value; not the stop. The values are those of ISO/IEC 15417; 103 to 105 start in A, B, C.
func Code128(data string) ([]byte, error) {
	if _, err := normalise("code128", data); err != nil {
		return nil, err
	}
	best := code128Costs(data)
	set := setB
	for _, s := range []int{setC, setA} {
		if best[0][s].cost < best[0][set].cost {
			set = s
		}
	}
	values := append(make([]byte, 0, best[0][set].cost+2), byte(103+set))
	for i := 0; i < len(data); {
		switch step := best[i][set]; {
		case step.to != set:
			values = append(values, code128To[step.to])
			set = step.to
		case step.shift:
			values = append(values, code128Shift, code128Value(data[i], setA+setB-set))
			i++
		case set == setC:
			values = append(values, (data[i]-'0')*10+data[i+1]-'0')
			i += 2
		default:
			values = append(values, code128Value(data[i], set))
			i++
		}
	}
	sum := int(values[0])
	for i, v := range values[1:] {
		sum += (i + 1) * int(v)
	}
	return append(values, byte(sum%103)), nil
}

// code128Value is the value of a character in set A or B.
func code128Value(c byte, set int) byte {
	if set == setA && c < ' ' {
		return c + 64
	}
	return c - ' '
}

// A code128Step is the best way on from one place in the data, in one set.
type code128Step struct {
	cost  int // symbols to the end of the data
	to    int // the set to change to first, or the same
	shift bool
}

// code128Costs finds the fewest symbols from every place to the end, from the end backwards.
func code128Costs(data string) [][3]code128Step {
	const never = 1 << 20
	digit := func(i int) bool { return i < len(data) && data[i] >= '0' && data[i] <= '9' }
	best := make([][3]code128Step, len(data)+1)
	for i := len(data) - 1; i >= 0; i-- {
		inA, inB := data[i] < 96, data[i] >= 32
		step := &best[i]
		for s, fits := range [3]bool{inA, inB, digit(i) && digit(i+1)} {
			step[s] = code128Step{cost: never, to: s}
			switch {
			case fits && s == setC:
				step[s].cost = 1 + best[i+2][s].cost
			case fits:
				step[s].cost = 1 + best[i+1][s].cost
			case s != setC:
				step[s] = code128Step{cost: 2 + best[i+1][s].cost, to: s, shift: true}
			}
		}
		direct := *step
		for s := range step {
			for t := range direct {
				if direct[t].cost+1 < step[s].cost {
					step[s] = code128Step{cost: direct[t].cost + 1, to: t}
				}
			}
		}
	}
	return best
}
