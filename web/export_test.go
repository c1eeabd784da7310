package web

// Patterns gives the patterns of the API as they are registered, for the comparison with its description.
func (s *Server) Patterns() []string { return s.here.api }

// Needs tells of each pattern for who is known whether somebody of the network may have what it needs.
func (s *Server) Needs() map[string]bool {
	out := map[string]bool{}
	for _, x := range []*site{s.here, s.lan} {
		for _, pattern := range x.asked {
			_, out[pattern] = needs[pattern]
		}
	}
	return out
}
