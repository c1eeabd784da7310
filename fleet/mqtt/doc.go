// Package mqtt keeps one end of a fleet - a shop or a centre - connected to its MQTT 5 broker: it dials, subscribes, hands messages on,
// and does so again whenever the line was lost, ever more slowly and never all shops at once.
//
// It promises nothing about delivery: what a broker has acknowledged it may lose. Whoever needs a promise takes it from the other end. A
// message that comes in is acknowledged when the receiver says so, in the order in which they came, so one that is not acknowledged before
// the line breaks comes again.
//
// Run holds the goroutines and ends them. Nothing listens: all connections go out, over TLS only.
package mqtt
