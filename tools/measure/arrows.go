package main

import (
	"cmp"
	"errors"
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// A graph has files as its points and their uses of each other as its arrows.
type graph struct {
	files []string
	to    map[string]map[string]bool
	from  map[string]map[string]bool
	names map[string]map[string]bool // by "from to": what is used
}

// add adds the files of p. Types of other packages are not known to the checker here; what is declared in p is.
func (g *graph) add(p *pkg) {
	if g.to == nil {
		g.to, g.from, g.names = map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}
	}
	var files []*ast.File
	for name, f := range p.parsed {
		if onlyElsewhere(name) {
			continue
		}
		files = append(files, f)
		g.files = append(g.files, p.dir+"/"+name)
	}
	slices.Sort(g.files)
	slices.SortFunc(files, func(a, b *ast.File) int { return cmp.Compare(a.Pos(), b.Pos()) })
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: none{}, Error: func(error) {}}
	here, _ := config.Check(p.dir, p.fset, files, &info) // its errors are of packages that are not read
	for id, o := range info.Uses {
		if o.Pkg() != here || !declaredOutside(o) {
			continue
		}
		from, to := p.dir+"/"+filepath.Base(p.fset.Position(id.Pos()).Filename), p.dir+"/"+filepath.Base(p.fset.Position(o.Pos()).Filename)
		g.arrow(from, to, o.Name())
	}
}

// imports gives which of the rooms p imports, and how many of its files import one.
func (p *pkg) imports(rooms []*pkg) (to []string, files int) {
	for _, f := range p.parsed {
		own := false
		for _, i := range f.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			for _, r := range rooms {
				if strings.HasSuffix(path, "/"+r.dir) {
					own = true
					to = append(to, r.dir)
				}
			}
		}
		if own {
			files++
		}
	}
	slices.Sort(to)
	return slices.Compact(to), files
}

// declaredOutside reports a name that is declared outside of functions: of the package, a method or a field.
func declaredOutside(o types.Object) bool {
	if v, ok := o.(*types.Var); ok && v.IsField() {
		return true
	}
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return o.Parent() == o.Pkg().Scope()
}

// onlyElsewhere leaves out files whose names say that they build for another system: their names stand twice.
func onlyElsewhere(name string) bool {
	base := strings.TrimSuffix(name, ".go")
	return strings.HasSuffix(base, "_windows") || strings.HasSuffix(base, "_other")
}

type none struct{}

func (none) Import(string) (*types.Package, error) { return nil, errors.New("not read") }

func (g *graph) arrow(from, to, name string) {
	if from == to {
		return
	}
	if g.names[from+" "+to] == nil {
		g.names[from+" "+to] = map[string]bool{}
	}
	g.names[from+" "+to][name] = true
	for m, key := range map[*map[string]map[string]bool]string{&g.to: from, &g.from: to} {
		if (*m)[key] == nil {
			(*m)[key] = map[string]bool{}
		}
	}
	g.to[from][to], g.from[to][from] = true, true
}

func (g *graph) count() int {
	n := 0
	for _, to := range g.to {
		n += len(to)
	}
	return n
}

// reach gives what can be come to from a file.
func (g *graph) reach(file string) map[string]bool {
	seen, todo := map[string]bool{}, []string{file}
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for to := range g.to[last] {
			if !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return seen
}

// circles gives the sets of two and more files that reach each other.
func (g *graph) circles() [][]string {
	reach := map[string]map[string]bool{}
	for _, f := range g.files {
		reach[f] = g.reach(f)
	}
	var out [][]string
	done := map[string]bool{}
	for _, f := range g.files {
		if done[f] || !reach[f][f] {
			continue
		}
		var circle []string
		for _, other := range g.files {
			if reach[f][other] && reach[other][f] {
				circle, done[other] = append(circle, other), true
			}
		}
		out = append(out, circle)
	}
	return out
}

// within counts the arrows between the files of one circle.
func (g *graph) within(circle []string) int {
	n := 0
	for _, from := range circle {
		for _, to := range circle {
			if g.to[from][to] {
				n++
			}
		}
	}
	return n
}

// up counts the arrows that point at an earlier file in the order of a greedy search: files nothing points at come first, files
// that point at nothing last, and between them the file with most arrows out over arrows in.
func (g *graph) up() int {
	left := map[string]bool{}
	for _, f := range g.files {
		left[f] = true
	}
	degree := func(m map[string]bool) (n int) {
		for f := range m {
			if left[f] {
				n++
			}
		}
		return n
	}
	var first, last []string
	for len(left) > 0 {
		best, score, sink := "", 0, false
		for _, f := range g.files {
			if !left[f] {
				continue
			}
			out, in := degree(g.to[f]), degree(g.from[f])
			if out == 0 {
				best, sink = f, true
				break
			}
			if in == 0 {
				out = len(g.files) * 2
			}
			if best == "" || out-in > score {
				best, score = f, out-in
			}
		}
		delete(left, best)
		if sink {
			last = append(last, best)
		} else {
			first = append(first, best)
		}
	}
	slices.Reverse(last)
	place := map[string]int{}
	for i, f := range append(first, last...) {
		place[f] = i
	}
	n := 0
	for from, list := range g.to {
		for to := range list {
			if place[to] < place[from] {
				n++
			}
		}
	}
	return n
}
