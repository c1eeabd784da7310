package receiptline_test

import (
	"fmt"
	"strings"

	"github.com/receiptd/receiptd/receiptline"
)

func ExampleSet() {
	src := `|"奶茶店" |
{border:line; width:*,10}
Milk tea | 18.00
Pearls | 2.00
---
Total | ^20.00
{border:space}
=`
	l, diags := receiptline.Set(src, receiptline.Options{Width: 32})
	if receiptline.HasError(diags) {
		fmt.Println(diags)
		return
	}
	fmt.Print(l.Text())
	// Output:
	// 奶茶店
	// +-------------------+----------+
	// |Milk tea           |     18.00|
	// |Pearls             |      2.00|
	// +-------------------+----------+
	// |Total              |2 0 . 0 0 |
	// +-------------------+----------+
}

// What would be dropped in silence elsewhere is reported with its place.
func ExampleParse_diagnostics() {
	_, diags := receiptline.Parse("Thank you\nPrice {x} | 3.00", receiptline.Options{})
	for _, d := range diags {
		fmt.Println(d)
		fmt.Println(d.Zh)
	}
	// Output:
	// 2:7: error: a brace in text would drop the whole line; write \{ or \} to print one [stray_brace]
	// 花括号不能直接写在文字里，整行不会打印；要打印花括号请写 \{ 或 \}
}

// Data goes through Escape: it can print braces, pipes and dashes, and do nothing else.
func ExampleEscape() {
	note := "no onions\n{x:\x1bp}|---"
	fmt.Println(receiptline.Escape(note))
	l, _ := receiptline.Set("|"+receiptline.Escape(note)+" |", receiptline.Options{Width: 24})
	fmt.Print(l.Text())
	// Output:
	// no onions\n\{x:p\}\|\-\-\-
	// no onions
	// {x:p}|---
}

func ExampleDocument_String() {
	doc, _ := receiptline.Parse("{w:3 *}\nA| 1.00\n-----", receiptline.Options{})
	fmt.Println(doc)
	// Output:
	// {width:3 *}
	// | A| 1.00|
	// ---
}

func ExampleCode_Modules() {
	code := receiptline.Code{Symbology: "ean", Data: "4901234", Module: 2}
	modules, err := code.Modules()
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	for _, dark := range modules {
		b.WriteRune([]rune{' ', '█'}[map[bool]int{true: 1}[dark]])
	}
	fmt.Println(len(modules), b.String()[:len("█ █")])
	// Output: 67 █ █
}
