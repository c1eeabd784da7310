package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A demand is a schema made ready to be held against a scanned value: all of its checks must pass. It says yes or no and no
// more. Almost every job is good, and a demand knows that in a few microseconds; only for what is not met the schema library is
// asked, which names every error. A demand is made from schema.json, so there is no second list of rules, and a keyword that
// it does not know is an error of compile. What it takes the library takes and the reverse: TestDemandIsTheSchema, FuzzDemand.
//
// Null and unknown members count as absent, as everywhere. An object that names a member twice meets no demand.
type demand []check

// A check is one keyword of a schema. It takes values that the keyword does not speak of.
type check func(n *node) bool

func (d demand) met(n *node) bool {
	for _, ok := range d {
		if !ok(n) {
			return false
		}
	}
	return true
}

// errKeyword is for a schema that says something in a way that is not known here.
var errKeyword = errors.New("the job schema says something that package job's demands do not know")

// A demander makes the demands of one schema document.
type demander struct {
	defs map[string]json.RawMessage
	made map[string]demand // of defs
}

// newDemand makes the demand of a whole schema document.
func newDemand(document []byte) (demand, error) {
	top, err := valueOf[struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}](document)
	if err != nil {
		return nil, err
	}
	m := &demander{defs: top.Defs, made: make(map[string]demand)}
	return m.demand(document)
}

// demand makes one schema. The checks of one value come first, those that walk into it last.
func (m *demander) demand(raw json.RawMessage) (demand, error) {
	s, err := valueOf[map[string]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	for _, annotation := range []string{"$schema", "$id", "$defs", "title", "description", "x-guard", "x-pad", "x-money"} {
		delete(s, annotation)
	}
	var d demand
	then := s["then"]
	if s["if"] != nil {
		delete(s, "then")
	}
	for _, k := range []struct {
		name string
		make func(raw json.RawMessage) (check, error)
	}{
		{"type", ofType}, {"enum", ofEnum}, {"const", ofConst},
		{"minLength", atLeast(length)}, {"maxLength", atMost(length)},
		{"minItems", atLeast(entries)}, {"maxItems", atMost(entries)},
		{"minimum", atLeast(amount)}, {"maximum", atMost(amount)},
		{"required", ofRequired}, {"uniqueItems", ofUnique}, {"format", ofFormat}, {"pattern", ofPattern},
		{"$ref", m.ref}, {"properties", m.properties}, {"items", m.items}, {"allOf", m.allOf},
		{"if", func(raw json.RawMessage) (check, error) { return m.condition(raw, then) }},
	} {
		if s[k.name] == nil {
			continue
		}
		ok, err := k.make(s[k.name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		d = append(d, ok)
		delete(s, k.name)
	}
	for name := range s {
		return nil, fmt.Errorf("%w: %s", errKeyword, name)
	}
	return d, nil
}

func (m *demander) ref(raw json.RawMessage) (check, error) {
	to, err := valueOf[string](raw)
	if err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(to, "#/$defs/")
	if !ok || m.defs[name] == nil {
		return nil, fmt.Errorf("%w: a reference to %s", errKeyword, to)
	}
	if m.made[name] == nil {
		if m.made[name], err = m.demand(m.defs[name]); err != nil {
			return nil, err
		}
	}
	return m.made[name].met, nil
}

func (m *demander) properties(raw json.RawMessage) (check, error) {
	schemas, err := valueOf[map[string]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	members := make(map[string]demand, len(schemas))
	for name, s := range schemas {
		if members[name], err = m.demand(s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return func(n *node) bool {
		for i := range n.mem {
			if x := &n.mem[i]; x.there() && (x.twice || !members[x.key].met(&x.val)) {
				return false
			}
		}
		return true
	}, nil
}

func (m *demander) items(raw json.RawMessage) (check, error) {
	each, err := m.demand(raw)
	return func(n *node) bool {
		for i := range n.arr {
			if !each.met(&n.arr[i]) {
				return false
			}
		}
		return true
	}, err
}

func (m *demander) allOf(raw json.RawMessage) (check, error) {
	schemas, err := valueOf[[]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	var all demand
	for _, s := range schemas {
		d, err := m.demand(s)
		if err != nil {
			return nil, err
		}
		all = append(all, d...)
	}
	return all.met, nil
}

func (m *demander) condition(where, then json.RawMessage) (check, error) {
	asked, err := m.demand(where)
	if err != nil {
		return nil, err
	}
	wanted, err := m.demand(then)
	return func(n *node) bool { return !asked.met(n) || wanted.met(n) }, err
}

// valueOf reads the value of a keyword.
func valueOf[T any](raw json.RawMessage) (T, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("%w: %w in %s", errKeyword, err, raw)
	}
	return v, nil
}
