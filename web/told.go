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

func (c *counter) receivers(ctx context.Context, v *view) ([]receiver, error) {
	if c.notifier == nil {
		return nil, nil
	}
	list, err := c.notifier.Receivers(ctx)
	out := make([]receiver, len(list))
	for i, r := range list {
		out[i] = receiver{r, r.GivenUp > 0 && v.Now.Sub(r.GivenUpAt) < lostShown}
	}
	return out, err
}
