// Package wire is what a shop and its centre say to each other over an MQTT 5 broker: topics, messages and their properties, and what
// never leaves a shop. docs/fleet.md and docs/asyncapi.yaml tell the same to people and to other programs.
//
// Everything here is a pure function or a plain type. A message of a shop is made of the types of this package and of nothing else, and
// each of their texts is a code, a name from the configuration or an identifier: Code, Name and Identifier let nothing else through.
package wire
