package templates

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/receiptd/receiptd/job"
)

//go:embed samples/*.json
var sampleFiles embed.FS

// Sample gives a made-up job that the named template prints (sale, void, settlement, ...): for previews, lint and the
// author's guide. Some templates have a second sample, name-2: another status or shape of the same kind. Every call
// gives a fresh job.
func Sample(name string) (*job.Job, error) {
	data, err := sampleFiles.ReadFile("samples/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("sample %q: %w", name, ErrUnknownTemplate)
	}
	r := job.Parse(data)
	if r.Job == nil {
		return nil, fmt.Errorf("sample %q: %w", name, r.Errors[0])
	}
	return r.Job, nil
}

// sampleJobs are all samples, parsed once. They are not to be changed.
var sampleJobs = sync.OnceValues(func() ([]*job.Job, error) {
	var jobs []*job.Job
	for _, name := range Samples() {
		j, err := Sample(name)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
})

// Samples gives the names that Sample knows, sorted.
func Samples() []string {
	entries, err := sampleFiles.ReadDir("samples")
	if err != nil {
		return nil // the folder is embedded: it is there
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}
