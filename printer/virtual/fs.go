package virtual

import "strconv"

// commandFS runs the commands that begin with FS. A model without a two-byte font does none of those about it.
func (ip *interpreter) commandFS(c []byte) {
	n := 0
	if len(c) > 2 {
		n = int(c[2])
	}
	switch c[1] {
	case '!', '&', '-', 'S', 'W', '2':
		if ip.model.TwoByte == "" {
			ip.census.miss(nameOf(c) + " without Chinese")
			return
		}
	}
	switch c[1] {
	case '!', '&', '.', '-', 'S', 'W':
		ip.page.formatFS(c, n)
	case 'p':
		ip.printNumbered(c)
	case 'q':
		ip.sets.mem.flash.forgetNumbered()
		ip.defineNumbered(1, n)
	case '(':
		ip.collect(int64(word(c[3], c[4])), func(d []byte) { ip.bracketFS(c, d) })
	case '2':
		ip.sets.mem.ram.defineWide([2]byte{c[2], c[3]}, c[4:])
	case '?':
		delete(ip.sets.mem.ram.wide, [2]byte{c[2], c[3]})
	case 'C':
		if digit(c[2]) < 0 { // Japanese models only; what others make of another n is not ours
			ip.census.miss(nameOf(c) + " " + decimal(c[2]))
		}
	default:
		ip.unknown(c)
	}
}

// formatFS runs those that change how two-byte characters look.
func (p *page) formatFS(c []byte, n int) {
	switch c[1] {
	case '!':
		p.set.kanji.w, p.set.kanji.h = uint8(1+n>>2&1), uint8(1+n>>3&1)
		p.set.kanji.underline = uint8(n >> 7)
	case '&':
		p.set.cjk = true
	case '.':
		p.set.cjk = false
	case '-':
		p.set.kanji.underline = uint8(n % 48)
	case 'S':
		p.set.kspace = [2]int{int(c[2]), int(c[3])}
	case 'W':
		p.set.kanji.w, p.set.kanji.h = uint8(1+n&1), uint8(1+n&1)
	}
}

// bracketFS is FS ( X: C fn 48 selects how characters are encoded, fn 60 the font that is asked first (kunif); A fn 48 chooses
// among two-byte fonts, of which there is one.
func (ip *interpreter) bracketFS(c, d []byte) {
	switch {
	case c[2] == 'C' && len(d) == 2 && d[0] == 48 && (digit(d[1]) == 1 || digit(d[1]) == 2):
		ip.page.set.utf8 = digit(d[1]) == 2
	case c[2] == 'C' && len(d) == 3 && d[0] == 60: // one font has it all
	case c[2] == 'A' && len(d) == 2 && d[0] == 48 && digit(d[1]) == 0:
	case len(d) > 0:
		ip.census.miss(nameOf(c) + " " + decimal(d[0]))
	default:
		ip.census.miss(nameOf(c))
	}
}

// defineNumbered reads what follows FS q n: for each picture [xL xH yL yH d...], columns of y bytes, 8 x of them. The flash is
// busy at the end (T88III-spec, FS q).
func (ip *interpreter) defineNumbered(n, last int) {
	if n > last {
		ip.buffer.push(op{kind: opNV})
		return
	}
	var head []byte
	ip.expect(4, func(b []byte) { head = append(head, b...) }, func() {
		x, y := word(head[0], head[1]), word(head[2], head[3])
		ip.collect(int64(x)*int64(y)*8, func(d []byte) {
			if len(d) < x*y*8 || !ip.sets.mem.flash.keepNumbered(n, columnRaster(d, 8*x, y)) {
				ip.census.miss("FS q beyond the memory")
			}
			ip.defineNumbered(n+1, last)
		})
	})
}

// printNumbered is FS p n m. It is not effective in page mode (T88III-spec).
func (ip *interpreter) printNumbered(c []byte) {
	p := ip.page
	name := "NV logo " + strconv.Itoa(int(c[2]))
	r, ok := ip.sets.mem.flash.numbered[int(c[2])]
	switch m := digit(c[3]); {
	case p.sheet.on:
		ip.census.miss("FS p in page mode")
	case !ok:
		p.logo(name)
	case m < 0 || m > 3:
		ip.census.miss("FS p " + decimal(c[2], c[3]))
	default:
		p.printKept(r, 1+m&1, 1+m>>1&1, name)
	}
}
