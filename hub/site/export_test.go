package site

// Patterns gives what programs may ask for as it is registered, for the comparison with its description.
func (s *Site) Patterns() []string { return s.programs.patterns }
