package templates

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/receiptd/receiptd/receiptline"
)

// Logo is a picture on top of slips: a line of ReceiptLine markup that shows it. It comes from the shop's configuration.
type Logo struct{ markup string }

// logoPlace is where a template wants the shop's logo. No job's text can look like it: braces in data are escaped.
const logoPlace = "{logo:shop}"

// maxLogo is the largest picture file, in bytes: several times what any logo of a slip needs.
const maxLogo = 256 << 10

// StoredLogo is how a logo in the printer's memory is named: its number, and its width and height in dots.
var StoredLogo = regexp.MustCompile(`^[0-9]{1,3}, ?[0-9]{1,4}, ?[0-9]{1,4}$`)

// LoadLogo reads what the configuration calls the logo: a PNG or JPEG file, or "1,384,96" for the picture number 1 of the printer's
// own memory and its size in dots. Nothing gives no logo.
func LoadLogo(name string) (Logo, error) {
	if name == "" {
		return Logo{}, nil
	}
	if StoredLogo.MatchString(name) {
		return checkLogo("{logo:" + name + "}")
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return Logo{}, fmt.Errorf("read logo: %w", err)
	case !info.Mode().IsRegular():
		return Logo{}, fmt.Errorf("read logo %s: %w", name, fs.ErrInvalid)
	case info.Size() > maxLogo:
		return Logo{}, &fault{fmt.Sprintf("图片超过 %d KiB", maxLogo>>10), fmt.Sprintf("the picture is larger than %d KiB", maxLogo>>10)}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return Logo{}, fmt.Errorf("read logo: %w", err)
	}
	return checkLogo("{image:" + base64.StdEncoding.EncodeToString(data) + "}")
}

// checkLogo sets the line once, so that what is wrong with it is told when the configuration is read, and costs no slip.
func checkLogo(markup string) (Logo, error) {
	_, diags := receiptline.Set(markup, receiptline.Options{Width: 48, Logos: true})
	for _, d := range diags {
		if d.Severity == receiptline.Error {
			return Logo{}, &fault{d.Zh, d.En}
		}
	}
	return Logo{markup}, nil
}

// LogoProblem words an error of LoadLogo in both languages.
func LogoProblem(name string, err error) (zh, en string) {
	var bad *fault
	switch {
	case errors.As(err, &bad):
		return "这个 logo 用不了：" + bad.zh, "this logo cannot be used: " + bad.en
	case errors.Is(err, fs.ErrNotExist):
		return "没有这个图片文件：" + name, "there is no such picture file: " + name
	case errors.Is(err, fs.ErrPermission):
		return "没有权限读图片文件：" + name, "no permission to read the picture file " + name
	}
	return "读不了图片文件：" + name, "the picture file cannot be read: " + name
}

func (l Logo) empty() bool { return l.markup == "" }

// place puts the logo where the template wants it.
func (l Logo) place(source string) string {
	if !strings.Contains(source, logoPlace) {
		return source
	}
	if l.empty() {
		return strings.ReplaceAll(source, logoPlace+"\n", "")
	}
	return strings.ReplaceAll(source, logoPlace, l.markup)
}
