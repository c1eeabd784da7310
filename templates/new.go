package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const localeChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

// Source gives the text of a built-in template: sale, zh-CN.
func Source(name, locale string) (string, error) {
	b, err := builtinFiles.ReadFile("builtin/" + name + "." + baseLocale(locale) + extension)
	if err != nil {
		return "", fmt.Errorf("template %s.%s: %w", name, locale, ErrUnknownTemplate)
	}
	return string(b), nil
}

// New copies a built-in template into dir for editing, under the name that makes it an override of that locale, and
// gives the file's path. It never overwrites: if the file is there, the error is fs.ErrExist. The folder is made when
// it is missing.
func New(name, locale, dir string) (string, error) {
	if strings.Trim(locale, localeChars) != "" || locale == "" {
		return "", fmt.Errorf("new template: %q is not a locale: %w", locale, ErrUnknownTemplate)
	}
	text, err := Source(name, locale)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make template folder: %w", err)
	}
	file := filepath.Join(dir, name+"."+locale+extension)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("new template: %w", err)
	}
	if err != nil {
		return "", fmt.Errorf("new template %s: %w", file, err)
	}
	_, err = f.WriteString(text)
	return file, errors.Join(err, f.Close())
}
