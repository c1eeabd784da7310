// Package sheet keeps what a CSV file says harmless in a spreadsheet.
package sheet

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Inert keeps a spreadsheet from taking a cell's text for a formula, also where it takes the wide signs of Chinese and Japanese for the
// others. A number stays a number, a negative amount too.
func Inert(cell string) string {
	if first, _ := utf8.DecodeRuneInString(cell); cell == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
