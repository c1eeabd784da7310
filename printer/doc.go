// Package printer drives one printer: preflight, sending, proof, recovery.
package printer
