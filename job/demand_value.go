package job

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// kindOf gives the kind of node that a type of the schema asks for.
var kindOf = map[string]byte{"object": 'o', "array": 'a', "string": 's', "integer": 'n', "boolean": 'b', "null": 'z'}

func ofType(raw json.RawMessage) (check, error) {
	names, err := valueOf[[]string](raw)
	if err != nil {
		name, err := valueOf[string](raw)
		if err != nil {
			return nil, err
		}
		names = []string{name}
	}
	var kinds [256]bool
	for _, name := range names {
		if kindOf[name] == 0 {
			return nil, fmt.Errorf("%w: %s", errKeyword, name)
		}
		kinds[kindOf[name]] = true
	}
	return func(n *node) bool {
		if n.kind == 'n' {
			if _, whole := plainNumber(n.text); !whole {
				return false
			}
		}
		return kinds[n.kind]
	}, nil
}

// ofEnum takes texts and null.
func ofEnum(raw json.RawMessage) (check, error) {
	values, err := valueOf[[]*string](raw)
	if err != nil {
		return nil, err
	}
	null := slices.Contains(values, nil)
	var texts []string
	for _, v := range values {
		if v != nil {
			texts = append(texts, *v)
		}
	}
	return func(n *node) bool {
		return n.kind == 's' && slices.Contains(texts, n.text) || n.kind == 'z' && null
	}, nil
}

func ofConst(raw json.RawMessage) (check, error) {
	text, err := valueOf[*string](raw)
	if err == nil && text == nil {
		err = fmt.Errorf("%w: null", errKeyword)
	}
	return func(n *node) bool { return n.kind == 's' && n.text == *text }, err
}

// A measure gives what a bound is about; ok is false where the bound does not speak of the value.
type measure func(n *node) (v float64, ok bool)

func length(n *node) (float64, bool) {
	return float64(utf8.RuneCountInString(n.text)), n.kind == 's'
}

func entries(n *node) (float64, bool) { return float64(len(n.arr)), n.kind == 'a' }

func amount(n *node) (float64, bool) {
	if n.kind != 'n' {
		return 0, false
	}
	v, whole := plainNumber(n.text)
	if !whole {
		return fraction, true
	}
	return float64(v), true // rounded beyond 2^53; no bound lies there (ofBound)
}

func atLeast(of measure) func(json.RawMessage) (check, error) {
	return ofBound(of, func(v, bound float64) bool { return v >= bound })
}

func atMost(of measure) func(json.RawMessage) (check, error) {
	return ofBound(of, func(v, bound float64) bool { return v <= bound })
}

func ofBound(of measure, within func(v, bound float64) bool) func(json.RawMessage) (check, error) {
	return func(raw json.RawMessage) (check, error) {
		bound, err := valueOf[int64](raw)
		if err == nil && (bound < -1<<53 || bound > 1<<53) {
			err = fmt.Errorf("%w: %d", errKeyword, bound)
		}
		return func(n *node) bool {
			v, ok := of(n)
			return !ok || within(v, float64(bound))
		}, err
	}
}

func ofRequired(raw json.RawMessage) (check, error) {
	names, err := valueOf[[]string](raw)
	return func(n *node) bool {
		return n.kind != 'o' || !slices.ContainsFunc(names, func(name string) bool { return !n.has(name) })
	}, err
}

// ofUnique compares texts: the schema asks for nothing else to be unique.
func ofUnique(raw json.RawMessage) (check, error) {
	want, err := valueOf[bool](raw)
	if err == nil && !want {
		err = fmt.Errorf("%w: false", errKeyword)
	}
	return func(n *node) bool {
		for i := range n.arr {
			for j := range i {
				if n.arr[i].kind == n.arr[j].kind && n.arr[i].text == n.arr[j].text {
					return false
				}
			}
		}
		return true
	}, err
}

func ofFormat(raw json.RawMessage) (check, error) {
	name, err := valueOf[string](raw)
	if err == nil && formats[name] == nil {
		err = fmt.Errorf("%w: %s", errKeyword, name)
	}
	return func(n *node) bool { return n.kind != 's' || formats[name](n.text) == nil }, err
}

func ofPattern(raw json.RawMessage) (check, error) {
	expr, err := valueOf[string](raw)
	if err != nil {
		return nil, err
	}
	re, err := toPattern(expr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeyword, err)
	}
	return func(n *node) bool { return n.kind != 's' || re.MatchString(n.text) }, nil
}
