// Package virtual is an ESC/POS receipt printer in software: bytes in, status bytes out, and a physical log of paper.
//
// It owns its own reading of the protocol and shares no code with the packages that write it, so that the two can check
// each other. Two paths see every byte: a scanner acts on DLE EOT, DLE ENQ and DLE DC4 the moment they arrive, also
// inside payloads, and a parser takes the same bytes in order from the receive buffer and stands still while the printer
// is offline. Behind the parser a mechanism with a speed moves paper past a head and a cutter that lie some
// millimetres apart; proof requests wait for it.
//
// Inside, a Printer is the doors (serving links, the control interface, files) and the lock around a machine, whose parts each own
// their state and point one way: interpreter to page to print buffer, mechanics to host to condition (see machine.go).
//
// Nothing survives the process. A simulated power cut loses the receive buffer, the print buffer, all settings and the
// link; the paper stays, and what hung out of the printer becomes part of the next piece.
//
// Goroutines: each Serve function runs a reader and a writer per link and waits for both; a timer runs the mechanism at
// real speed; one goroutine hands finished pieces to OnPiece and PaperDir and ends when there are none left.
package virtual
