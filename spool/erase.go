package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// biggest is how much of a refused job is looked at: more than the largest job.
const biggest = 1 << 20

// EraseRejected removes refused jobs that hold an order's number as a word of its own. It gives their number. Any goroutine may call it.
func (s *Spool) EraseRejected(orderNo string) (n int, err error) {
	f, err := s.tree.in(rejectedDir)
	if err != nil {
		return 0, fmt.Errorf("refused jobs: %w", err)
	}
	list, err := f.names()
	if err != nil {
		return 0, fmt.Errorf("refused jobs: %w", err)
	}
	for _, name := range list {
		holds, err := f.holds(name, orderNo)
		if err == nil && holds {
			err = bare(f.remove(name))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile
		case err != nil:
			return n, fmt.Errorf("refused jobs: %w", err)
		case holds:
			n++
		}
	}
	return n, nil
}

// holds tells whether a word stands in a file. A link, a folder, or what is larger than any job holds none.
func (f *folder) holds(name, word string) (bool, error) {
	file, info, err := f.openRegular(name)
	if errors.Is(err, errNotRegular) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	if info.Size() > biggest {
		return false, nil
	}
	data, err := io.ReadAll(io.LimitReader(file, biggest))
	return err == nil && hasWord(data, word), err
}

// hasWord finds a number that is no part of a longer one.
func hasWord(data []byte, word string) bool {
	inside := func(b byte) bool {
		return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '_'
	}
	for at := 0; word != ""; {
		i := bytes.Index(data[at:], []byte(word))
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || !inside(data[from-1])) && (to == len(data) || !inside(data[to])) {
			return true
		}
		at = from + 1
	}
	return false
}
