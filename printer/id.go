package printer

// Ids come in blocks of four, numbers in base 95 with the digits 0x20-0x7E, most significant first. Begin gives the
// first of a block; these are the steps to the others.
const (
	stepCut   = 1 // behind the last cut
	stepHold  = 2 // asked anew after a hold or a silence
	stepAgain = 3 // asked anew on another link
)

// Plus gives the id n places on. It wraps at the end of the numbers.
func (id ID) Plus(n int) ID {
	for i := len(id) - 1; i >= 0 && n != 0; i-- {
		d := int(id[i]) - 0x20 + n
		n = d / 95
		if d %= 95; d < 0 {
			d += 95
			n--
		}
		id[i] = byte(d) + 0x20
	}
	return id
}
