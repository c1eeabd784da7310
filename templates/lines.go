package templates

import "strings"

// Delimiters of the actions in a template: text that ReceiptLine editors leave alone.
const (
	leftDelim  = "[["
	rightDelim = "]]"
)

// joinControlLines lets a line that holds nothing but control actions ([[if]], [[end]], [[range]], a comment ...) print
// no blank line, so that a template can be laid out for reading. The line break moves into the last action, where it
// means nothing: line numbers in messages stay right.
func joinControlLines(src string) string {
	src = strings.ReplaceAll(src, "\r\n", "\n")
	src = strings.TrimPrefix(src, "\ufeff")
	var b strings.Builder
	b.Grow(len(src))
	for len(src) > 0 {
		end := lineEnd(src)
		line := src[:end]
		src = src[end:]
		if actions := controlActions(line); actions != "" && strings.HasSuffix(line, "\n") {
			line = breakInside(actions)
		}
		b.WriteString(line)
	}
	return b.String()
}

// lineEnd finds the end of the first line; a line break within an action does not end it.
func lineEnd(src string) int {
	for i := 0; i < len(src); i++ {
		switch {
		case src[i] == '\n':
			return i + 1
		case strings.HasPrefix(src[i:], leftDelim):
			n := strings.Index(src[i:], rightDelim)
			if n < 0 {
				return len(src)
			}
			i += n + len(rightDelim) - 1
		}
	}
	return len(src)
}

// controlActions gives the actions of a line that holds nothing but control actions and blanks, else "".
func controlActions(line string) string {
	var b strings.Builder
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.Index(line, rightDelim)
		if !strings.HasPrefix(line, leftDelim) || end < 0 || !isControl(line[len(leftDelim):end]) {
			return ""
		}
		end += len(rightDelim)
		b.WriteString(line[:end])
		line = line[end:]
	}
	return b.String()
}

func isControl(action string) bool {
	action = strings.TrimSpace(strings.TrimPrefix(action, "- "))
	if strings.HasPrefix(action, "/*") {
		return true
	}
	if strings.HasPrefix(action, "$") {
		return strings.Contains(action, "=")
	}
	word, _, _ := strings.Cut(strings.ReplaceAll(action, "\n", " "), " ")
	switch word {
	case "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue":
		return true
	}
	return false
}

// breakInside moves the line break that followed line into its last action.
func breakInside(line string) string {
	body := line[:len(line)-len(rightDelim)]
	if i := strings.LastIndex(body, "*/"); i >= 0 && strings.TrimSpace(strings.TrimSuffix(body[i+2:], " -")) == "" {
		return body[:i] + "\n" + body[i:] + rightDelim
	}
	if strings.HasSuffix(body, " -") {
		return body[:len(body)-2] + "\n -" + rightDelim
	}
	return body + "\n" + rightDelim
}
