// Package printer drives one printer: preflight, sending, proof, recovery.
//
// A Printer owns its link and nothing on disk. Its promises: not one byte of a slip leaves before Attempt.Begin has
// made the attempt durable; "printed" is said only for the exact id of that attempt; an attempt whose end is not known
// ends as Uncertain and is never sent again from here. After a crash nothing is remembered but the tier of the device
// (Store) - the caller's journal says which attempts had begun.
//
// Inside, a machine decides: events go in, effects and the time to look again come out. It is plain data in one of nine stages,
// each with one step; what may be claimed of a slip package evidence says, from the transcript that package session keeps. Run's
// loop has the one select, and makes the effects happen. At level debug the log has a line for each change of stage.
//
// Goroutines: Run is the only one that talks to the printer; for each open link it has one reader and one writer,
// which end with the link, and one while it is being opened. Print, Probe and JamCleared hand their request to Run and wait;
// Wake hands its own over and does not.
package printer
