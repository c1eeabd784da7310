package receiptline

// boxState says how far a box has come.
type boxState uint8

const (
	boxNone    boxState = iota
	boxArmed            // border:line was seen: the top is drawn at the next text
	boxRunning          // text lines get bars
	boxJoint            // a rule was seen: it is drawn at the next text
)

// closeBox draws the bottom of the open box.
func (s *setter) closeBox() {
	s.row(boxRule(s.bars, nil))
	s.box = boxNone
}

// boxRule makes the rule between two rows of a box: above and below hold the cells of their vertical rules in rising
// order. Nil above makes a top, nil below a bottom. Between two blocks that do not touch (one left, one right) the rule goes
// on, where the reference leaves blanks.
func boxRule(above, below []int) Row {
	var joints []Joint
	for len(above) > 0 || len(below) > 0 {
		var j Joint
		switch {
		case len(below) == 0 || len(above) > 0 && above[0] < below[0]:
			j = Joint{X: above[0], Up: true}
			above = above[1:]
		case len(above) == 0 || below[0] < above[0]:
			j = Joint{X: below[0], Down: true}
			below = below[1:]
		default:
			j = Joint{X: above[0], Up: true, Down: true}
			above, below = above[1:], below[1:]
		}
		if joints == nil {
			joints = make([]Joint, 0, 1+max(len(above), len(below)))
		}
		joints = append(joints, j)
	}
	first, last := joints[0].X, joints[len(joints)-1].X
	for i := range joints {
		joints[i].X *= 2
	}
	return Row{Kind: RuleRow, Height: 1, Left: 2 * first, Cells: last - first + 1, Joints: joints}
}
