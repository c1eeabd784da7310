package web

// Patterns gives the patterns of the API as they are registered, for the comparison with its description.
func (s *Server) Patterns() []string { return s.api }
