// Package job is what terminal software may ask receiptd for: the kinds of jobs, their payloads, money, masked cards, and
// the guard that keeps card data out.
//
// It owns the words of the contract: the JSON Schema (schema.json), the rules between fields, the codes of problems and
// their wording in Chinese and English. Parse is the only door; what it lets through is free of track data, card
// verification values and PINs, and holds no card number in full.
//
// The package keeps no state but the compiled schema, writes no file and starts no goroutine, so a crash costs nothing.
// Everything here is a pure function of its input: a job sent again compares equal to its first copy (Job.Hash).
package job
