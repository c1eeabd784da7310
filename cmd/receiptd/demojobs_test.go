package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

// The README's first job is no job of the demo's, nor of a batch or terminal that the demo's commands close: whoever pasted those before
// would get "duplicate", or a refusal, where the README shows a slip.
func TestFirstJobIsNoneOfTheDemos(t *testing.T) {
	type sample struct {
		JobID   string `json:"job_id"`
		Payload struct {
			Batch    string `json:"batch_no"`
			Terminal string `json:"terminal_no"`
		}
	}
	read := func(name string) (s sample) {
		data, err := os.ReadFile("../../examples/jobs/" + name)
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, file := range []string{"../../README.md", "../../README.zh.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dropped := regexp.MustCompile(`(?m)^cp examples/jobs/(\S+) \$SPOOL`).FindAllSubmatch(text, -1)
		if len(dropped) == 0 {
			t.Fatal(file, " drops nothing")
		}
		for _, m := range dropped {
			own := read(string(m[1]))
			for _, name := range append(slices.Clone(demoJobs), "05-pre-auth.json", "17-settlement.json") {
				if demo := read(name); demo.JobID == own.JobID || own.Payload.Batch != "" && demo.Payload.Batch == own.Payload.Batch && demo.Payload.Terminal == own.Payload.Terminal {
					t.Errorf("%s drops %s, which the demo's %s gets in the way of", file, m[1], name)
				}
			}
		}
	}
}
