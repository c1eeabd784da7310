// Package hub is the centre of a fleet: it brings jobs to shops over an MQTT 5 broker and keeps what they tell.
//
// A broker's acknowledgement counts for nothing. A job is in the store until its shop has answered for it, and is sent again, with growing
// pauses, until then; its job_id makes any number of deliveries one slip. That it may have left is on disk before it leaves, so a job whose
// time is over and that never left can be called expired by the hub alone; of any other the shop is asked, and says. Events are stored before
// the broker and then the shop are told so; a hole in a journal's chain is asked for until it is filled.
//
// Run starts what it needs and ends it. Several hubs may run side by side, each with its own name, store and cursor.
package hub
