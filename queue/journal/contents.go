package journal

import (
	"sync"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue/record"
)

// contents keeps the jobs that are likely to be printed next, so that they need not be read and parsed again.
type contents struct {
	mu   sync.Mutex
	jobs map[int64]*job.Job // guarded by mu, as is fifo: the numbers in the order in which they came
	fifo []int64
}

const (
	cachedJobs = 512
	cachedSize = 8 << 10 // a longer job is read again
)

func (c *contents) init() { c.jobs = make(map[int64]*job.Job, cachedJobs) }

func (c *contents) put(seq int64, j *job.Job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(j.JSON) > cachedSize {
		delete(c.jobs, seq)
		return
	}
	if _, ok := c.jobs[seq]; ok {
		c.jobs[seq] = j
		return
	}
	if len(c.fifo) == cachedJobs {
		delete(c.jobs, c.fifo[0])
		c.fifo = append(c.fifo[:0], c.fifo[1:]...)
	}
	c.fifo = append(c.fifo, seq)
	c.jobs[seq] = j
}

// drop forgets jobs that retention took; their places are used up in turn.
func (c *contents) drop(list []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, seq := range list {
		delete(c.jobs, seq)
	}
}

func (c *contents) get(seq int64) *job.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jobs[seq]
}

// job gives a kept job.
func (c *contents) job(s record.Source, seq int64) (*job.Job, error) {
	if j := c.get(seq); j != nil {
		return j, nil
	}
	text, err := record.Content(s, seq)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, record.ErrNotFound
	}
	j, err := job.FromJSON(text)
	if err != nil {
		return nil, err
	}
	c.put(seq, j)
	return j, nil
}
