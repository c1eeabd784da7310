package service

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// A Unit is what systemd lets the service see and write, as its unit and the drop-ins beside it say. Permissions of files are
// another matter.
type Unit struct {
	Config string // the configuration that it starts with

	closed   []string // folders that it does not see
	writable []string // folders that it may write, when strict
	strict   bool     // everything else is read-only
}

// Unit reads the unit of a service that runs or starts with the system; false without one, or where systemd cannot be asked.
func (m *Manager) Unit(ctx context.Context) (Unit, bool) {
	if m.systemd == nil {
		return Unit{}, false
	}
	st := m.systemd.status(ctx)
	if !st.Installed || !st.Enabled && !st.Running {
		return Unit{}, false
	}
	text, err := m.systemd.o.run(ctx, "systemctl", "cat", Name)
	if err != nil {
		return Unit{}, false
	}
	return ParseUnit(text), true
}

// Sees tells whether a path is there for the service.
func (u Unit) Sees(path string) bool { return !within(path, u.closed) }

// Writes tells whether the service may write below a path.
func (u Unit) Writes(path string) bool { return !u.strict || within(path, u.writable) }

// within tells whether a path is one of the folders or lies below one.
func within(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, strings.TrimSuffix(f, "/")+"/") })
}

// ParseUnit reads a unit and its drop-ins, one after another as `systemctl cat` gives them (systemd.exec(5), systemd.syntax(7)).
// Where a folder cannot be told, because a name holds a specifier, everything counts as writable.
func ParseUnit(text string) Unit {
	settings := settingsOf(text)
	u := Unit{Config: configFile, strict: settings.last("ProtectSystem") == "strict"}
	command := settings.words("ExecStart")
	for i, w := range command {
		if w == "--config" && i+1 < len(command) {
			u.Config = strings.ReplaceAll(command[i+1], "$$", "$")
		}
	}
	if home := settings.last("ProtectHome"); on(home) || home == "tmpfs" {
		u.closed = append(u.closed, homes...)
	}
	if on(settings.last("PrivateTmp")) {
		u.closed = append(u.closed, tmps...)
	}
	for key, root := range map[string]string{"StateDirectory": "/var/lib", "LogsDirectory": "/var/log", "CacheDirectory": "/var/cache",
		"RuntimeDirectory": "/run", "ReadWritePaths": "/", "BindPaths": "/"} {
		if strings.Contains(strings.ReplaceAll(strings.Join(settings[key], " "), "%%", ""), "%") {
			u.strict = false
		}
		for _, w := range settings.words(key) {
			w, _, _ = strings.Cut(strings.TrimLeft(w, "-+"), ":")
			u.writable = append(u.writable, filepath.Join(root, w))
		}
	}
	for _, w := range settings.words("BindPaths") {
		u.closed = slices.DeleteFunc(u.closed, func(f string) bool { return within(strings.TrimLeft(w, "-"), []string{f}) })
	}
	return u
}

// settings are the lines of [Service], by key.
type settings map[string][]string

func settingsOf(text string) settings {
	s := settings{}
	section := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, ";"):
		case strings.HasPrefix(line, "["):
			section = line
		case !ok || section != "[Service]":
		case value == "":
			delete(s, key) // an empty value takes back what stood before
		default:
			s[key] = append(s[key], value)
		}
	}
	return s
}

func (s settings) last(key string) string {
	if list := s[key]; len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}

// words gives the words of all lines of a key, without their quotes.
func (s settings) words(key string) []string {
	var out []string
	for _, line := range s[key] {
		var word strings.Builder
		open, quote := false, rune(0)
		for _, r := range line + " " {
			switch {
			case quote == 0 && (r == '"' || r == '\''):
				open, quote = true, r
			case r == quote:
				quote = 0
			case quote == 0 && (r == ' ' || r == '\t'):
				if open {
					out = append(out, strings.ReplaceAll(word.String(), "%%", "%"))
				}
				word.Reset()
				open = false
			default:
				word.WriteRune(r)
				open = true
			}
		}
	}
	return out
}

// on reads a yes of systemd.
func on(value string) bool {
	return slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(value))
}
