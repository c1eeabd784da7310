package vocabulary

import "strings"

// A station's ticket is the kitchen copy of the items that it makes. Within the program its name is "kitchen@bar"; in answers and
// commands copy and station are two members.
const stationMark = "@"

// Base is the copy without its station.
func (c CopyName) Base() CopyName {
	base, _, _ := strings.Cut(string(c), stationMark)
	return CopyName(base)
}

// Station is whose ticket the copy is, "" for a copy that is not divided and for what the order gives to no station.
func (c CopyName) Station() string {
	_, station, _ := strings.Cut(string(c), stationMark)
	return station
}

// At names the ticket of a station.
func (c CopyName) At(station string) CopyName {
	if station == "" {
		return c
	}
	return c + stationMark + CopyName(station)
}
