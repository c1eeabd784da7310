// Package plaintest judges texts that a shop sees, for tests: no words of Go in either language, no English in Chinese.
package plaintest

import (
	"regexp"
	"strings"
	"unicode"
)

// OfGo finds words of the programming language and of its libraries, which mean nothing to a shop.
var OfGo = regexp.MustCompile(`(?i)can't evaluate|strconv\.|unexpected EOF|no such file or directory|context (deadline exceeded|canceled)|dial tcp|i/o timeout|invalid syntax|` +
	`\bnil pointer|nil pointer dereference|<nil>|%!|\bunmarshal|\bfunc\b|goroutine|runtime error|reflect\.|interface \{|map\[|(^|\s)(toml|json|time|template): |\bEOF\b|broken pipe|permission denied|` +
	`connection refused|: (file exists|is a directory|not a directory)|invalid character|invalid argument|bad file descriptor|no space left|Go (value|struct|type)|\bint64\b|time\.Duration|parse error|` +
	`lookup .* on |: no such host|use of closed|operation not permitted|os\.|flag needs|pflag`)

var (
	quoted  = regexp.MustCompile("\"[^\"\n]*\"|“[^”\n]*”|`[^`\n]*`|'[^'\n]*'")
	meant   = regexp.MustCompile(`（是不是 [^）]*？）`) // a name that is known
	command = regexp.MustCompile(`(receiptd|sudo|chmod|chown|systemctl|journalctl|curl|ls|df|usermod|lpstat|mv|cp|ss|source|jq)( +[A-Za-z0-9_./:=@<>|*+{}-]+)+`)
	place   = regexp.MustCompile(`\b[a-z]{2}-[A-Z]{2}\b|\b[a-z]+-[0-9a-z-]+|[A-Za-z0-9_.~$%-]*[/\\][A-Za-z0-9_./\\:?=&%@~<>+-]*|[A-Za-z0-9_-]+(\.[A-Za-z0-9_\[\]<>-]+)+|[A-Za-z0-9-]+(_[A-Za-z0-9]+)+|--?[a-z][a-z0-9-]*(=\S+)?|\[+[a-z]+\]+|[a-z_]+\[[0-9]+\]`)
	latin   = regexp.MustCompile(`[A-Za-z][A-Za-z'-]*( +[A-Za-z][A-Za-z'-]*)*`)
)

// proper are names that Chinese texts write in Latin letters.
var proper = strings.Fields(`receiptd Windows Linux Mac Notepad Unicode Epson Slack Standard Webhooks Tab Ctrl-C Python Node Java Debian Ubuntu Chrome Firefox Edge Google SQLite Excel
	bash zsh fish powershell PowerShell systemd udev CUPS usblp true false on off yes no or zh en kB MB KiB MiB GB mm dpi ms min baud json csv toml png txt pdf html tcp serial usb usbprint windows http https mac
	none even odd dtr rts xonxoff dots dot slips copies auto never both localhost incoming results setup file default env`)

// Judge gives what is wrong with a text in one language, "" for nothing. allowed are further words that may stand in a Chinese one: names
// of keys, values, commands.
func Judge(lang, text string, allowed ...string) string {
	if strings.TrimSpace(text) == "" {
		return "there is no text"
	}
	if word := OfGo.FindString(text); word != "" {
		return "a word of Go: " + word
	}
	if lang != "zh" {
		if strings.ContainsFunc(quoted.ReplaceAllString(text, ""), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return "Chinese in English"
		}
		return ""
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "no Chinese"
	}
	rest := meant.ReplaceAllString(quoted.ReplaceAllString(text, ""), "")
	rest = command.ReplaceAllString(rest, "")
	rest = place.ReplaceAllString(rest, "")
	known := map[string]bool{}
	for _, w := range append(proper, allowed...) {
		known[w] = true
	}
	for _, run := range latin.FindAllString(rest, -1) {
		for word := range strings.FieldsSeq(run) {
			if !known[word] && (len(word) > 1) && word != strings.ToUpper(word) {
				return "English in Chinese: " + run
			}
		}
	}
	return ""
}
