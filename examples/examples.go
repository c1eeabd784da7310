// Package examples holds the sample jobs that the demo drops and the documents show.
package examples

import "embed"

// Jobs holds jobs/*.json: one terminal's day in the order of the names, and some of other shops.
//
//go:embed jobs/*.json
var Jobs embed.FS
