package templates

import (
	"text/template"
	"text/template/parse"
)

// maxInline is how deep sections within sections are written out.
const maxInline = 8

// inline returns a copy of t in which the sections it calls with the same dot stand in place of the calls: a slip calls
// a good dozen of them, and each call costs as much as printing a field. What a section means does not change: only
// such are written out that set no variables, and that use $ only where it is the dot of both.
func inline(t *template.Template) (*template.Template, error) {
	out, err := t.Clone()
	if err != nil {
		return nil, err
	}
	tree := t.Copy()
	in := inliner{t}
	in.list(tree.Root, true, 0)
	return out.AddParseTree(t.Name(), tree)
}

type inliner struct{ t *template.Template }

// list writes out the calls in l; top says that the dot is still what the template was called with, which is $.
func (in inliner) list(l *parse.ListNode, top bool, depth int) {
	if l == nil {
		return
	}
	nodes := make([]parse.Node, 0, len(l.Nodes))
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			in.list(n.List, top, depth)
			in.list(n.ElseList, top, depth)
		case *parse.WithNode:
			in.list(n.List, false, depth)
			in.list(n.ElseList, top, depth)
		case *parse.RangeNode:
			in.list(n.List, false, depth)
			in.list(n.ElseList, top, depth)
		case *parse.TemplateNode:
			if body := in.body(n, top, depth); body != nil {
				nodes = append(nodes, body.Nodes...)
				continue
			}
		}
		nodes = append(nodes, n)
	}
	l.Nodes = nodes
}

// body gives what may stand in place of a call, or nil.
func (in inliner) body(call *parse.TemplateNode, top bool, depth int) *parse.ListNode {
	section := in.t.Lookup(call.Name)
	if depth >= maxInline || section == nil || section.Tree == nil || !isDot(call.Pipe) {
		return nil
	}
	if uses := variablesOf(section.Root); uses.others || uses.root && !top {
		return nil
	}
	body := section.Root.CopyList()
	in.list(body, top, depth+1)
	return body
}

func isDot(p *parse.PipeNode) bool {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	_, dot := p.Cmds[0].Args[0].(*parse.DotNode)
	return dot
}

// variables says which variables a section names.
type variables struct{ root, others bool } // $; all others

func variablesOf(n parse.Node) variables {
	var v variables
	v.in(n)
	return v
}

func (v *variables) in(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				v.in(c)
			}
		}
	case *parse.IfNode:
		v.branch(&n.BranchNode)
	case *parse.WithNode:
		v.branch(&n.BranchNode)
	case *parse.RangeNode:
		v.branch(&n.BranchNode)
	case *parse.ActionNode:
		v.in(n.Pipe)
	case *parse.TemplateNode:
		v.in(n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			v.others = v.others || len(n.Decl) > 0
			for _, c := range n.Cmds {
				v.in(c)
			}
		}
	case *parse.CommandNode:
		for _, a := range n.Args {
			v.in(a)
		}
	case *parse.ChainNode:
		v.in(n.Node)
	case *parse.VariableNode:
		v.root = v.root || n.Ident[0] == "$"
		v.others = v.others || n.Ident[0] != "$"
	}
}

func (v *variables) branch(n *parse.BranchNode) {
	v.in(n.Pipe)
	v.in(n.List)
	v.in(n.ElseList)
}
