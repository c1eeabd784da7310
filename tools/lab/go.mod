module github.com/receiptd/receiptd/tools/lab

go 1.26.0

replace (
	github.com/qiniu/iconv => ../../internal/iconv
	github.com/receiptd/receiptd => ../..
)

require (
	github.com/creack/pty v1.1.24
	github.com/hashicorp/yamux v0.1.2
	github.com/receiptd/receiptd v0.0.0-00010101000000-000000000000
	golang.org/x/sys v0.50.0
	golang.org/x/term v0.48.0
)

require (
	github.com/boombuler/barcode v1.1.0 // indirect
	github.com/hajimehoshi/bitmapfont/v4 v4.1.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.22 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	golang.org/x/image v0.47.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
