package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// A pkg is what is counted of one folder.
type pkg struct {
	dir                   string
	code, tests, comments int
	types                 map[string]*typ
	files, functions      []sized

	fset   *token.FileSet
	parsed map[string]*ast.File // files of code that build on this machine, by name
}

type typ struct {
	name                    string
	methods, takers, fields int
}

type sized struct {
	name  string
	lines int
}

// readPackage gives nil for a folder without Go files.
func readPackage(root, dir string) (*pkg, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil, err
	}
	rel, err := filepath.Rel(root, dir)
	p := &pkg{dir: filepath.ToSlash(rel), types: map[string]*typ{}, fset: token.NewFileSet(), parsed: map[string]*ast.File{}}
	for _, name := range names {
		err = errors.Join(err, p.read(name))
	}
	for _, f := range p.parsed {
		p.fieldsOf(f)
	}
	for _, f := range p.parsed {
		p.methodsOf(f)
	}
	return p, err
}

func (p *pkg) read(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(p.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	code, comments := lines(p.fset, f, string(text))
	if strings.HasSuffix(name, "_test.go") {
		p.tests += code + comments
		return nil
	}
	short := p.dir + "/" + filepath.Base(name)
	p.code, p.comments = p.code+code, p.comments+comments
	p.files = append(p.files, sized{short, strings.Count(string(text), "\n")})
	p.parsed[filepath.Base(name)] = f
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			n := p.fset.Position(fn.End()).Line - p.fset.Position(fn.Pos()).Line + 1
			p.functions = append(p.functions, sized{short + " " + fn.Name.Name, n})
		}
	}
	return nil
}

// lines counts the lines that hold code, and those that hold a comment alone. Blank lines are neither.
func lines(fset *token.FileSet, f *ast.File, text string) (code, comments int) {
	alone := map[int]bool{}
	all := strings.Split(text, "\n")
	for _, group := range f.Comments {
		for _, c := range group.List {
			from, to := fset.Position(c.Pos()), fset.Position(c.End())
			first := from.Line
			if strings.TrimSpace(all[first-1][:from.Column-1]) != "" {
				first++
			}
			for n := first; n <= to.Line; n++ {
				alone[n] = true
			}
		}
	}
	for i, l := range all {
		switch {
		case strings.TrimSpace(l) == "":
		case alone[i+1]:
			comments++
		default:
			code++
		}
	}
	return code, comments
}

func (p *pkg) fieldsOf(f *ast.File) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.TYPE {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.TypeSpec)
			t := &typ{name: p.dir + "." + spec.Name.Name}
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					t.fields += max(1, len(field.Names))
				}
			}
			p.types[spec.Name.Name] = t
		}
	}
}

func (p *pkg) methodsOf(f *ast.File) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if fn.Recv != nil {
			if t := p.types[typeName(fn.Recv.List[0].Type)]; t != nil {
				t.methods++
			}
		} else if params := fn.Type.Params.List; len(params) > 0 {
			if t := p.types[typeName(params[0].Type)]; t != nil {
				t.takers++
			}
		}
	}
}

// typeName is the name in T, *T, T[K] and *T[K], else "".
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ""
}
