// Package templates turns a job into a slip: it picks the template of the job's kind and locale, fills it with the
// job's facts and hands the resulting ReceiptLine text to package receiptline to be set.
//
// A template is a ReceiptLine text with Go text/template actions between [[ and ]]. Every value an action prints is
// escaped for the place where it stands (a text column, or the data of a code): the escaper is added to the parse
// tree when the template is compiled, there is no way to switch it off, and a template with an action where no
// escaper makes data harmless does not compile. A value of a job therefore stays text, whatever characters it holds.
//
// Built-in templates exist for zh-CN and en. Files of the same name in a folder override them; a file that does not
// compile leaves the last good one in use and is reported.
//
// The package keeps nothing on disk and so promises nothing after a crash. Only Watch starts goroutines; it waits for
// them before it returns.
package templates
