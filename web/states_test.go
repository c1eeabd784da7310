package web_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// TestListedOrders: an order is of no batch; who asks for what is current has it when he says so.
func TestListedOrders(t *testing.T) {
	s := newShop(t)
	s.sale("105233", 123456)
	s.accept(orderJob("order-1", "A77"))
	for query, want := range map[string]int{"batch=current": 1, "batch=current&loose=false": 1, "batch=current&loose=true": 2, "batch=all": 2} {
		var list struct{ Jobs []queue.Summary }
		if status := s.call("GET", "/v1/jobs?"+query, "", &list); status != http.StatusOK || len(list.Jobs) != want {
			t.Errorf("%s: %d, %d jobs, want %d", query, status, len(list.Jobs), want)
		}
	}
}

// TestListedStates: by whatever a list of jobs can be narrowed, a program may ask for it, and /openapi.json names it.
func TestListedStates(t *testing.T) {
	s := newShop(t)
	s.then(queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Reason: vocabulary.ReasonInPieces, Bytes: 40})
	s.sale("105233", 123456)
	for _, x := range []vocabulary.State{vocabulary.StateQueued, vocabulary.StateSending, vocabulary.StatePrinted, vocabulary.StateProcessed, vocabulary.StateSent,
		vocabulary.StateHeld, vocabulary.StateUncertain, vocabulary.StateDefective, vocabulary.StateCancelled} {
		if !api.KnownState(string(x)) {
			t.Errorf("a copy may be %s, and cannot be listed by it", x)
		}
	}
	found := map[string]int{}
	for _, state := range api.States() {
		var list struct{ Jobs []queue.Summary }
		if status := s.call("GET", "/v1/jobs?state="+state, "", &list); status != http.StatusOK {
			t.Errorf("%s: %d", state, status)
		}
		found[state] = len(list.Jobs)
	}
	if found["in_pieces"] != 1 || found["printed"] != 1 || found["conflict"] != 0 {
		t.Errorf("found %v", found)
	}
	var d struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name   string
				Schema struct{ Enum []string }
			}
		}
	}
	var text json.RawMessage
	s.call("GET", "/openapi.json", "", &text)
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Paths["/v1/jobs"]["get"].Parameters {
		if p.Name == "state" && !slices.Equal(p.Schema.Enum, api.States()) {
			t.Errorf("/openapi.json names %q, and there are %q", p.Schema.Enum, api.States())
		}
	}
}
