// Package api holds the types that travel between a running receiptd and who asks it: answers, the state of printers, the ends of test
// pages and probes, and the errors of these. The page, the HTTP API and the daemon fill them; the command line reads them, through the
// API or, where no daemon runs, from the printer itself. It holds data only, keeps no state and starts nothing.
package api
