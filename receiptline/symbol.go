package receiptline

import "strings"

// normalise checks data for a symbology and returns what is drawn: check digits computed, frames added.
func normalise(symbology, data string) (string, error) {
	digits := strings.Trim(data, "0123456789") == ""
	n := len(data)
	switch symbology {
	case "upc":
		switch {
		case !digits || n < 7 || n > 12 || n > 8 && n < 11:
			return "", bad("UPC takes 11 or 12 digits, or 7 or 8 that start with 0")
		case n > 8:
			return data[:11] + string(checkDigit(data[:11])), nil
		case data[0] != '0':
			return "", bad("UPC-E starts with 0")
		}
		return data[:7] + string(checkDigit(expandUPCE(data[:7]))), nil
	case "ean", "jan":
		switch {
		case digits && (n == 7 || n == 8):
			return data[:7] + string(checkDigit(data[:7])), nil
		case digits && (n == 12 || n == 13):
			return data[:12] + string(checkDigit(data[:12])), nil
		}
		return "", bad("EAN takes 7 or 8 digits, or 12 or 13")
	case "qrcode":
		return data, nil
	}
	if n > maxBarData {
		return "", bad("%d characters, no paper is that wide", n)
	}
	switch symbology {
	case "itf":
		if !digits || n%2 != 0 || n == 0 {
			return "", bad("ITF takes an even number of digits")
		}
	case "codabar", "nw7":
		if n < 3 || !strings.ContainsRune("ABCDabcd", rune(data[0])) || !strings.ContainsRune("ABCDabcd", rune(data[n-1])) ||
			strings.Trim(data[1:n-1], "0123456789-$:/.+") != "" {
			return "", bad("Codabar takes digits and - $ : / . + between two letters A to D")
		}
	case "code39":
		core := strings.TrimSuffix(strings.TrimPrefix(data, "*"), "*")
		if core == "" || strings.Trim(core, code39Set[:43]) != "" {
			return "", bad("CODE39 takes digits, capital letters and - . $ / + %% and space")
		}
		return "*" + core + "*", nil
	case "code93", "code128":
		for i := range n {
			if data[i] > 0x7f {
				return "", bad("%s takes ASCII", strings.ToUpper(symbology))
			}
		}
		if n == 0 {
			return "", bad("no data")
		}
	default:
		return "", bad("no such symbology")
	}
	return data, nil
}

// checkDigit computes the digit that makes the weighted sum a multiple of ten; the last digit given weighs three.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		weight := 1
		if (len(digits)-i)%2 == 1 {
			weight = 3
		}
		sum += int(digits[i]-'0') * weight
	}
	return byte('0' + (10-sum%10)%10)
}

// expandUPCE gives the eleven digits of the UPC-A number that seven digits of UPC-E stand for.
func expandUPCE(e string) string {
	switch last := e[6]; last {
	case '0', '1', '2':
		return e[:3] + e[6:] + "0000" + e[3:6]
	case '3':
		return e[:4] + "00000" + e[4:6]
	case '4':
		return e[:5] + "00000" + e[5:6]
	}
	return e[:6] + "0000" + e[6:]
}

// Bars returns the widths in dots of the bars and spaces of a bar code, a bar first and last, without quiet zones. The wide
// elements of CODE39, ITF and Codabar are two and a half modules, rounded up, as receipt printers draw them.
func (c *Code) Bars() ([]int, error) {
	elements, wide, err := c.elements()
	if err != nil {
		return nil, err
	}
	bars := make([]int, len(elements))
	for i, e := range elements {
		bars[i] = int(e) * c.Module
		if wide && e > 1 {
			bars[i] = (5*c.Module + 1) / 2
		}
	}
	return bars, nil
}

// Modules returns the modules of a bar code, true for a bar, without quiet zones. For CODE39, ITF and Codabar a wide element
// counts as three modules; paper has two and a half, see [Code.Bars].
func (c *Code) Modules() ([]bool, error) {
	elements, wide, err := c.elements()
	if err != nil {
		return nil, err
	}
	modules := make([]bool, 0, 4*len(elements))
	for i, e := range elements {
		if wide && e > 1 {
			e = 3
		}
		for range e {
			modules = append(modules, i%2 == 0)
		}
	}
	return modules, nil
}

// elements returns the widths of the bars and spaces: in modules, or, if wide, 1 for narrow and 2 for wide.
func (c *Code) elements() (e []byte, wide bool, err error) {
	data, err := normalise(c.Symbology, c.Data)
	if err != nil {
		return nil, false, err
	}
	switch c.Symbology {
	case "upc", "ean", "jan":
		return runLengths(eanModules(c.Symbology, data)), false, nil
	case "code128":
		values, err := Code128(data)
		if err != nil {
			return nil, false, err
		}
		modules := make([]bool, 0, 11*len(values)+13)
		for _, v := range values {
			modules = appendBits(modules, int(code128Table[v]), 11)
		}
		return runLengths(appendBits(modules, code128Stop, 13)), false, nil
	case "code93":
		return runLengths(code93Modules(data)), false, nil
	case "code39":
		return twoWidths(data, code39Set, code39Table[:], 9), true, nil
	case "codabar", "nw7":
		return twoWidths(strings.ToUpper(data), codabarSet, codabarTable[:], 7), true, nil
	case "itf":
		return itf(data), true, nil
	}
	return nil, false, bad("%s is no bar code", c.Symbology)
}

// appendBits appends the low n bits of v, the highest first.
func appendBits(modules []bool, v, n int) []bool {
	for i := n - 1; i >= 0; i-- {
		modules = append(modules, v>>i&1 == 1)
	}
	return modules
}

// runLengths turns modules that begin with a bar into the widths of bars and spaces.
func runLengths(modules []bool) []byte {
	e := make([]byte, 0, len(modules)*2/3)
	for i := 0; i < len(modules); {
		j := i + 1
		for j < len(modules) && modules[j] == modules[i] {
			j++
		}
		e = append(e, byte(j-i))
		i = j
	}
	return e
}
