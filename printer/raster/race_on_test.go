//go:build race

package raster_test

const underRace = true
