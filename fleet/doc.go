// Package fleet is the shop's end of a fleet: it takes jobs and commands from a centre over an MQTT 5 broker, and tells what the journal
// tells. It owns no file: what it must remember stands in the journal.
//
// In: a job is acknowledged to the broker when it is on the journal's disk and its event has left, in that order; so after a crash at any
// moment the broker has it still, or the centre knows. Delivered again it is known by its job_id. Out: the journal is the outbox. Events go
// out in their order from the lowest cursor of the centres that have said what they stored; after each break of the line from there again.
// A broker's acknowledgement counts for nothing.
//
// Run starts what it needs and ends it; nothing of it waits for the line, so a shop whose line is down prints on.
package fleet
