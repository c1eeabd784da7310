package devices

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
)

// Why a code is not taken.
var (
	ErrCode    = errors.New("this code is wrong, used or out of date")
	ErrTooMany = errors.New("too many wrong codes")
)

const (
	codeTime   = 5 * time.Minute
	codeLength = 8
	openCodes  = 10 // at once; the oldest goes
	// letters of a code: none that is read for another one.
	letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

	// Wrong codes until a machine, or everybody, gets no try for a minute. A code has 40 bits.
	triesEach = 5
	triesAll  = 50
	pause     = time.Minute
)

// Codes are what pairs a device, and the wrong ones that were tried. The List's mutex guards them.
type codes struct {
	open  []code
	wrong map[string]int // by the asker's address, in this minute
	all   int
	since time.Time
}

type code struct {
	text   string
	device api.Device
	until  time.Time
}

// Code makes a code that pairs a device once, within five minutes.
func (l *List) Code(d api.Device) (text string, until time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(d); err != nil {
		return "", time.Time{}, err
	}
	b := make([]byte, codeLength)
	if _, err := rand.Read(b); err != nil {
		return "", time.Time{}, err
	}
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	c := code{string(b), d, l.now().Add(codeTime)}
	// A second code for the same name takes the first one's place.
	l.codes.open = slices.DeleteFunc(l.codes.open, func(x code) bool { return x.device.Name == d.Name || !l.now().Before(x.until) })
	if len(l.codes.open) >= openCodes {
		l.codes.open = l.codes.open[1:]
	}
	l.codes.open = append(l.codes.open, c)
	return c.text[:codeLength/2] + "-" + c.text[codeLength/2:], c.until, nil
}

// Join pairs the device that a code is for, and voids the code. from is the asker's address: after five wrong codes it gets no try for a
// minute, and after fifty nobody does. Errors: ErrCode, ErrTooMany, and those of Add.
func (l *List) Join(text, from string) (api.Device, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.codes.since) >= pause || l.codes.wrong == nil {
		l.codes.wrong, l.codes.all, l.codes.since = map[string]int{}, 0, now
	}
	if l.codes.wrong[from] >= triesEach || l.codes.all >= triesAll {
		return api.Device{}, "", ErrTooMany
	}
	text = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(text))
	for i, c := range l.codes.open {
		if subtle.ConstantTimeCompare([]byte(c.text), []byte(text)) == 1 && now.Before(c.until) {
			l.codes.open = slices.Delete(l.codes.open, i, i+1)
			return l.add(c.device)
		}
	}
	l.codes.wrong[from]++
	l.codes.all++
	return api.Device{}, "", ErrCode
}
