// Package stream reads what a program sends to an ESC/POS printer: it takes the bytes apart into commands and characters, keeps what
// may go on to the printer, and says what a person would read on the paper.
//
// What goes on is an allow-list: text with its code pages and Chinese, layout, graphics, codes, feeds and cuts, byte for byte as they came,
// so that the dots are the same. Everything else is dropped and named: settings of the printer, macros, real-time requests, questions.
// Questions and pulses for a drawer are handed to the caller. Dots are changed in one case only: where the data of a picture hold the bytes
// of a real-time request, which a printer would obey in the middle of the picture, one dot of it is.
//
// It is a reading of its own: package printer/virtual is not used, so that tests can compare the two. Memory is bounded; it starts no
// goroutine and keeps nothing on disk.
package stream
