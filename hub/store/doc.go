// Package store is what a centre keeps: the jobs that are to reach shops, what the shops told, and how they are. One SQLite file, hub.db,
// in a folder that one hub alone uses; each answer to a caller is on disk (WAL, synchronous=FULL) before it is given.
//
// After a crash at any moment a job is either not taken yet, or it is here until its shop has answered for it: that it may have been sent is
// on disk before the first byte of it leaves. An event is stored once, in its place in its journal's chain. Content of a job goes when its
// shop has answered; nothing that a shop must not tell is stored even where a message holds it (clean.go).
//
// Nothing here speaks to a network and no goroutine is started. Methods may be used by many goroutines.
package store
