package templates

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// calls are the functions that a program knows: those of this package and the usual ones of text/template. Each gives
// the zero value for arguments that it does not take.
var calls = map[string]func(args []value) value{
	"money":  ofMoney((*Money).String),
	"number": ofMoney((*Money).Number),
	"price":  ofMoney((*Money).Sign),
	"upper":  ofMoney(upper),
	"yuan":   ofMoney(yuan),
	"date":   callDate,
	"cells":  callCells,
	"fits":   callFits,
	"flow":   callFlow,
	"join":   callJoin,
	"wrap":   measured(wrap),
	"padleft": measured(func(m func(rune) int, n int, s string) string {
		return pad(m, n, s, true)
	}),
	"padright": measured(func(m func(rune) int, n int, s string) string {
		return pad(m, n, s, false)
	}),
	"sub": func(a []value) value {
		if !numbers(a) {
			return value{}
		}
		return numberValue(func(r *run) int { return a[0].num(r) - a[1].num(r) })
	},

	"and":   callAnd,
	"or":    callOr,
	"not":   callNot,
	"print": callPrint,
	"eq":    compared(func(a, b int) bool { return a == b }, func(a, b string) bool { return a == b }),
	"ne":    compared(func(a, b int) bool { return a != b }, func(a, b string) bool { return a != b }),
	"lt":    compared(func(a, b int) bool { return a < b }, func(a, b string) bool { return a < b }),
	"le":    compared(func(a, b int) bool { return a <= b }, func(a, b string) bool { return a <= b }),
	"gt":    compared(func(a, b int) bool { return a > b }, func(a, b string) bool { return a > b }),
	"ge":    compared(func(a, b int) bool { return a >= b }, func(a, b string) bool { return a >= b }),
}

// method gives the value of a method of the view or of an amount.
func method(v value, name string, args []value) value {
	if v.typ == nil {
		return value{}
	}
	m, _ := v.typ.MethodByName(name)
	if !m.Func.IsValid() {
		return value{}
	}
	switch f := m.Func.Interface().(type) {
	case func(*Money) string:
		return ofMoney(f)(append([]value{v}, args...))
	case func(*View, []string) int:
		if len(args) != 1 || args[0].typ != listType {
			break
		}
		list := args[0].list
		return numberValue(func(r *run) int { return f(v.at(r).Interface().(*View), list(r)) })
	}
	return value{}
}

// numbers reports two ints.
func numbers(a []value) bool { return len(a) == 2 && a[0].num != nil && a[1].num != nil }

// numberAnd reports an int and a value of type t; nil: one that prints.
func numberAnd(a []value, t reflect.Type) bool {
	return len(a) == 2 && a[0].num != nil && a[1].text != nil && (t == nil || a[1].typ == t)
}

func ofMoney(f func(*Money) string) func([]value) value {
	return func(a []value) value {
		if len(a) != 1 || a[0].typ != moneyType {
			return value{}
		}
		at := a[0].at
		return textValue(func(r *run) string { return f(at(r).Interface().(*Money)) })
	}
}

func measured(f func(measure func(rune) int, n int, s string) string) func([]value) value {
	return func(a []value) value {
		if !numberAnd(a, nil) {
			return value{}
		}
		n, text := a[0].num, a[1].text
		return textValue(func(r *run) string { return f(r.measure, n(r), text(r)) })
	}
}

func callFits(a []value) value {
	if !numberAnd(a, nil) {
		return value{}
	}
	n, text := a[0].num, a[1].text
	return truthValue(func(r *run) bool { return cellsOf(r.measure, text(r)) <= n(r) })
}

func callCells(a []value) value {
	if len(a) != 1 || a[0].text == nil {
		return value{}
	}
	text := a[0].text
	return numberValue(func(r *run) int { return cellsOf(r.measure, text(r)) })
}

func callFlow(a []value) value {
	if !numberAnd(a, listType) {
		return value{}
	}
	n, list := a[0].num, a[1].list
	return textValue(func(r *run) string { return flow(r.measure, n(r), list(r)) })
}

func callJoin(a []value) value {
	if len(a) != 2 || a[0].typ != stringType || a[1].typ != listType {
		return value{}
	}
	sep, list := a[0].text, a[1].list
	return textValue(func(r *run) string { return strings.Join(list(r), sep(r)) })
}

// list gives a list of texts. It lies in the view, so that its address spares a copy.
func (v value) list(r *run) []string { return *v.at(r).Addr().Interface().(*[]string) }

func callDate(a []value) value {
	if len(a) != 2 || a[0].typ != stringType || a[1].typ != reflect.TypeFor[time.Time]() {
		return value{}
	}
	layout, at := a[0].text, a[1].at
	return textValue(func(r *run) string { return at(r).Interface().(time.Time).Format(layout(r)) })
}

// callAnd is the and of text/template as conditions use it; which of its arguments it gives does not matter to them.
func callAnd(a []value) value {
	if len(a) == 0 {
		return value{}
	}
	return value{yes: func(r *run) bool {
		for i := range a {
			if !a[i].yes(r) {
				return false
			}
		}
		return true
	}}
}

func callOr(a []value) value {
	if len(a) == 0 {
		return value{}
	}
	return value{yes: func(r *run) bool {
		for i := range a {
			if a[i].yes(r) {
				return true
			}
		}
		return false
	}}
}

func callNot(a []value) value {
	if len(a) != 1 {
		return value{}
	}
	yes := a[0].yes
	return truthValue(func(r *run) bool { return !yes(r) })
}

// callPrint is fmt.Sprint; texts it only joins.
func callPrint(a []value) value {
	texts := true
	for i := range a {
		if a[i].at == nil {
			return value{}
		}
		texts = texts && a[i].typ == stringType
	}
	return textValue(func(r *run) string {
		if !texts {
			list := make([]any, len(a))
			for i := range a {
				list[i] = a[i].at(r).Interface()
			}
			return fmt.Sprint(list...)
		}
		var b strings.Builder
		for i := range a {
			b.WriteString(a[i].text(r))
		}
		return b.String()
	})
}

// compared makes a comparison of two ints or two texts.
func compared(ints func(a, b int) bool, texts func(a, b string) bool) func([]value) value {
	return func(a []value) value {
		switch {
		case numbers(a):
			return truthValue(func(r *run) bool { return ints(a[0].num(r), a[1].num(r)) })
		case len(a) == 2 && a[0].typ == stringType && a[1].typ == stringType:
			return truthValue(func(r *run) bool { return texts(a[0].text(r), a[1].text(r)) })
		}
		return value{}
	}
}
