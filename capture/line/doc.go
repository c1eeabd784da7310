// Package line takes a printer's place where there are no connections: a named pipe, a serial port, a pseudo-terminal. Each is one stream
// of bytes that has no end, whoever writes to it, one program after the other.
//
// What a program has written is not lost because another has closed: the device stays open. It is opened again when it fails, or when
// something else stands under its name, and only as what it should be: nothing is ever read from a file. A crash loses what was read and
// is not on disk yet, as the memory of a printer does; a stop reads first what has come. It starts no goroutine.
package line
