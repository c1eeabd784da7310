package web

import (
	"context"
	"time"

	"github.com/receiptd/receiptd/api"
)

// A receiver is somebody outside who is told of what needs a person.
type receiver struct {
	api.Receiver
	Lost bool // lately nobody took what it was to be told
}

// Trouble reports whether it is not told of something.
func (r receiver) Trouble() bool { return r.Failure != "" || r.Lost }

// lostShown is for how long the page says that messages were given up.
const lostShown = 7 * 24 * time.Hour

// receiversOf gives all of them; n is nil where there is none.
func receiversOf(ctx context.Context, n Notifier, now time.Time) ([]receiver, error) {
	if n == nil {
		return nil, nil
	}
	list, err := n.Receivers(ctx)
	out := make([]receiver, len(list))
	for i, r := range list {
		out[i] = receiver{r, r.GivenUp > 0 && now.Sub(r.GivenUpAt) < lostShown}
	}
	return out, err
}
