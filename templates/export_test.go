package templates

// For tests of this package only.
var (
	Clean      = clean
	CleanLines = cleanLines
	Wrap       = wrap
	Flow       = flow
	Upper      = upper
	MaskCard   = maskCard
)
