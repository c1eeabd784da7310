// Package templates turns a job into a slip: it picks the template of the job's kind and locale, fills it with the
// job's facts and hands the resulting ReceiptLine text to package receiptline to be set.
//
// A template is a ReceiptLine text with Go text/template actions between [[ and ]]. Every value an action prints is
// escaped for the place where it stands (a text column, or the data of a code): the escaper is added to the parse
// tree when the template is compiled, there is no way to switch it off, and a template with an action where no
// escaper makes data harmless does not compile. A value of a job therefore stays text, whatever characters it holds.
// Card numbers reach a template only under the shop's mask policy.
//
// Built-in templates exist for zh-CN and en. Files of the same name in a folder override them; a file that does not
// compile, or cannot set the samples, leaves the last good one in use and is reported. An override that fails on one
// slip gives way to the built-in template for that slip.
//
// # Writing templates
//
// A file is named NAME.LOCALE.receipt, like sale.zh-CN.receipt; [Set.List] tells the names. The sections that slips
// share are [[define]]d in _slip.LOCALE.receipt; a template may define one anew for itself. The dot is a [View]. A line
// that holds nothing but [[if]], [[else]], [[end]], [[range]], [[with]], [[define]], [[template]], an assignment or a
// comment prints no blank line.
//
// Lines after {font:small} are set in the printer's small font, until {font:normal}; see [receiptline]. A row has
// .SmallWidth cells then, or .Small LIST where the texts may hold more than ASCII.
//
// A template may print a logo that was stored in the printer, with its size in dots for previews: {logo:1,384,96}. The
// documents of jobs may not.
//
// Besides the functions of text/template there are, with widths in cells:
//
//	money M        RMB 1234.56, EUR 18.90: also what an amount prints as by itself
//	number M       1234.56, with the decimals of its currency (ISO 4217)
//	price M        ￥1234.56, EUR 18.90
//	upper M        壹仟贰佰叁拾肆元伍角陆分, for CNY
//	yuan M         1000元, 99.50元, EUR 50.00
//	date LAYOUT T  a time in a layout of package time: date "01/02 15:04" .At
//	cells X        the width of a text
//	fits N X       whether a text is at most N cells wide
//	wrap N X       a text with line breaks between words, for a column of N cells
//	flow N LIST    the items one after the other, none broken, for a column of N cells
//	padleft N X    filled with blanks on the left; padright: on the right
//	join SEP LIST  the items with SEP between
//	line TEXT M    a text and an amount, for the section "sum", which sets them in one row, or in two where they do not fit
//	sub A B        A - B
//
// The package keeps nothing on disk and so promises nothing after a crash. It starts no goroutine but the one that
// fsnotify runs for Watch, which ends with it.
package templates
