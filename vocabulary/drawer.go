package vocabulary

// DrawerState is how a cash drawer stands, as its sensor tells.
type DrawerState string

// The states of a drawer.
const (
	DrawerOpen    DrawerState = "open"
	DrawerClosed  DrawerState = "closed"
	DrawerUnknown DrawerState = "unknown" // there is no sensor, or nobody knows yet what it means
)

// Opening is what became of a wish to open a cash drawer.
type Opening string

// The states of a wish. A pulse leaves once at most: what has begun is never begun again.
const (
	OpeningAsked     Opening = "asked"     // a program wants it: a person is asked
	OpeningWaiting   Opening = "pending"   // for its printer, a moment
	OpeningBegun     Opening = "begun"     // the pulse may have left
	OpeningSent      Opening = "sent"      // it has left
	OpeningUncertain Opening = "uncertain" // nobody knows whether it has left, or whether the printer did it
	OpeningNotSent   Opening = "not_sent"  // not one byte of it left, and none will
)

// Over reports whether nothing more becomes of it.
func (o Opening) Over() bool {
	return o == OpeningSent || o == OpeningUncertain || o == OpeningNotSent
}
