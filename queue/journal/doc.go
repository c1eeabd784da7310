// Package journal is the file: one SQLite database with its lock, its seal, its ballast and its write-ahead log. It opens, migrates and
// checks it, takes what is to be written, hands on what happened, and makes and puts back copies of it. It knows no rule: nothing here
// says who may reprint what, or what prints next.
//
// All writing goes through DB.Do. What is asked at the same time goes into one transaction and one fsync; when Do returns, it is on disk
// or did not happen. After a crash everything that was committed is there, and Open tells when a part of it is not. Rows of the events
// table are only ever added (retention removes old ones), each with the chain of digests that ends in it.
//
// Open starts one goroutine, which writes, and the timer of that one starts one at a time that tidies; Close waits for both. A DB may be
// used by many goroutines, a Tx only within the function that was given to Do. The rules, the dispatch, the history and the door of the
// queue are its callers.
package journal
