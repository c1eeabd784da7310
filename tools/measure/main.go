// Measure prints the figures by which the inside of this program is judged, so that two commits can be compared:
//
//	go run -C tools ./measure            the tree this stands in
//	go run -C tools ./measure -root DIR  another tree, such as an older commit's
//	go run -C tools ./measure -bench 3   and the benchmarks, three times each, on a machine with nothing else to do
//	go run -C tools ./measure -names     and which names the arrows in circles stand for
//
// Without -bench it reads Go source only and builds nothing. What it counts, and how:
//
//   - lines per package: of code, of tests (files _test.go), and of comments alone on their line in files of code;
//   - methods per type: its methods and the package's functions whose first parameter is the type or a pointer to it,
//     with the fields of the struct beside them;
//   - sizes of the files of code and of their functions: median and largest, comments and blank lines included;
//   - arrows between the files of one package, in the folders named by -rooms: a file points at another that declares
//     a package-level name, method or field it uses. Arrows "in circles" lie between files that reach each other; arrows "up"
//     are those against the best order of the files that a greedy search finds (Eades, Lin and Smyth). Packages below such a
//     folder are counted each alone too, with the packages of the folder that it imports.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	root := flag.String("root", "..", "the tree to measure")
	rooms := flag.String("rooms", "queue,web", "folders whose files' arrows are counted")
	bench := flag.Int("bench", 0, "run the benchmarks so often")
	names := flag.Bool("names", false, "print which file of a circle uses which names of another one")
	flag.Parse()
	if err := run(os.Stdout, *root, strings.Split(*rooms, ","), *names); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	if *bench == 0 {
		return
	}
	if err := printBenchmarks(os.Stdout, *root, *bench); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, root string, rooms []string, names bool) error {
	packages, err := readTree(root)
	if err != nil {
		return err
	}
	printLines(w, packages)
	printTypes(w, packages, 10)
	printSizes(w, packages)
	for _, room := range rooms {
		printArrows(w, packages, room, names)
	}
	return nil
}

// readTree reads every package below root but for folders of test data, and modules of their own.
func readTree(root string) ([]*pkg, error) {
	var out []*pkg
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if path != root && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root {
			return fs.SkipDir
		}
		p, err := readPackage(root, path)
		if p != nil {
			out = append(out, p)
		}
		return err
	})
	return out, err
}

func printLines(w io.Writer, packages []*pkg) {
	fmt.Fprintf(w, "%-28s %8s %8s %8s\n", "package", "code", "tests", "comments")
	var code, tests, comments int
	for _, p := range packages {
		fmt.Fprintf(w, "%-28s %8d %8d %8d\n", p.dir, p.code, p.tests, p.comments)
		code, tests, comments = code+p.code, tests+p.tests, comments+p.comments
	}
	fmt.Fprintf(w, "%-28s %8d %8d %8d\n", "all", code, tests, comments)
}

func printTypes(w io.Writer, packages []*pkg, most int) {
	var all []*typ
	for _, p := range packages {
		for _, t := range p.types {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *typ) int {
		return cmp.Or(cmp.Compare(b.methods+b.takers, a.methods+a.takers), strings.Compare(a.name, b.name))
	})
	fmt.Fprintf(w, "\n%-32s %8s %8s %8s %8s\n", "type", "all", "methods", "first", "fields")
	for _, t := range all[:min(most, len(all))] {
		fmt.Fprintf(w, "%-32s %8d %8d %8d %8d\n", t.name, t.methods+t.takers, t.methods, t.takers, t.fields)
	}
}

func printSizes(w io.Writer, packages []*pkg) {
	var files, functions []sized
	for _, p := range packages {
		files, functions = append(files, p.files...), append(functions, p.functions...)
	}
	fmt.Fprintf(w, "\n%-12s %8s %8s %8s  %s\n", "lines of", "count", "median", "largest", "which")
	printSize(w, "files", files)
	printSize(w, "functions", functions)
}

func printSize(w io.Writer, what string, list []sized) {
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, func(a, b sized) int {
		return cmp.Or(cmp.Compare(a.lines, b.lines), strings.Compare(a.name, b.name))
	})
	last := list[len(list)-1]
	fmt.Fprintf(w, "%-12s %8d %8d %8d  %s\n", what, len(list), list[len(list)/2].lines, last.lines, last.name)
}

// printArrows counts the arrows of a folder. Where it has packages below it, each of them is a room of its own, counted by itself, and
// the arrows between rooms are imports, which the language keeps from forming circles.
func printArrows(w io.Writer, packages []*pkg, folder string, names bool) {
	var all graph
	var rooms []*pkg
	for _, p := range packages {
		if p.dir == folder || strings.HasPrefix(p.dir, folder+"/") {
			all.add(p)
			rooms = append(rooms, p)
		}
	}
	fmt.Fprintln(w)
	printGraph(w, folder, &all)
	if len(rooms) < 2 {
		if names {
			printCircles(w, &all)
		}
		return
	}
	between, files := 0, 0
	for _, p := range rooms {
		var g graph
		g.add(p)
		printGraph(w, "  "+p.dir+" alone", &g)
		if names {
			printCircles(w, &g)
		}
		to, n := p.imports(rooms)
		between, files = between+len(to), files+n
		if len(to) > 0 {
			fmt.Fprintf(w, "    -> %s\n", strings.Join(to, ", "))
		}
	}
	fmt.Fprintf(w, "  between the rooms: %d arrows, from %d files\n", between, files)
}

func printGraph(w io.Writer, name string, g *graph) {
	circles := g.circles()
	largest, inside := 0, 0
	for _, c := range circles {
		largest, inside = max(largest, len(c)), inside+g.within(c)
	}
	if largest < 2 {
		largest = 0
	}
	fmt.Fprintf(w, "%s: %d files, %d arrows between them, %d of these in circles (the largest of %d files), %d up\n",
		name, len(g.files), g.count(), inside, largest, g.up())
}

// printCircles lists the arrows in circles, each with the names for which it stands.
func printCircles(w io.Writer, g *graph) {
	for _, circle := range g.circles() {
		for _, from := range circle {
			for _, to := range circle {
				if g.to[from][to] {
					fmt.Fprintf(w, "      %s -> %s: %s\n", from, to, strings.Join(slices.Sorted(maps.Keys(g.names[from+" "+to])), ", "))
				}
			}
		}
	}
}
