// Package wine holds the tests that run receiptd.exe, and the files of its zip, under wine: see README.md. They stand beside what they
// test, the packages, and not beside a package of the program: what they look at is the whole program on another system.
package wine
