// Package capture takes the place of a printer: a program that prints raw ESC/POS sends its slips to receiptd, which keeps them in the
// journal and prints them with proof. Package stream reads the bytes.
package capture
