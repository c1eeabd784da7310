package docs_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/receiptd/receiptd/queue"
)

// stepPicture draws the steps of a copy's life, and says what each is.
func stepPicture() string {
	var edges []string
	var b strings.Builder
	for _, s := range queue.Steps() {
		for _, from := range s.From {
			for _, to := range s.To {
				edge := fmt.Sprintf("  %s --> %s\n", from, to)
				if from != to && !slices.Contains(edges, edge) {
					edges = append(edges, edge)
				}
			}
		}
	}
	slices.Sort(edges)
	fmt.Fprintf(&b, "```mermaid\nstateDiagram-v2\n  [*] --> queued\n%s```\n\n", strings.Join(edges, ""))
	b.WriteString("| from | to | begun then | by | why |\n|---|---|---|---|---|\n")
	for _, s := range queue.Steps() {
		from := names(s.From)
		if s.Had != "" {
			from += " (" + string(s.Had) + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", from, names(s.To), s.Attempt, s.By, s.Why)
	}
	return b.String()
}

func names(list []queue.State) string {
	var out []string
	for _, s := range list {
		out = append(out, "`"+string(s)+"`")
	}
	return strings.Join(out, ", ")
}
