package stream

import "golang.org/x/text/encoding/charmap"

// epsonPages are the numbers of ESC t that most makers share (Epson online reference, ESC t); a profile's own come before them.
var epsonPages = map[byte]string{
	0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 15: "iso8859-7", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
	34: "cp855", 36: "cp862", 39: "iso8859-2", 40: "iso8859-15", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 49: "cp1255",
	50: "cp1256", 51: "cp1257", 52: "cp1258",
}

// charmaps are the code pages that can be read. A character of another one reads as U+FFFD; it is printed all the same.
var charmaps = map[string]*charmap.Charmap{
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852, "cp855": charmap.CodePage855,
	"cp858": charmap.CodePage858, "cp860": charmap.CodePage860, "cp862": charmap.CodePage862, "cp863": charmap.CodePage863,
	"cp865": charmap.CodePage865, "cp866": charmap.CodePage866, "cp874": charmap.Windows874, "cp1250": charmap.Windows1250,
	"cp1251": charmap.Windows1251, "cp1252": charmap.Windows1252, "cp1253": charmap.Windows1253, "cp1254": charmap.Windows1254,
	"cp1255": charmap.Windows1255, "cp1256": charmap.Windows1256, "cp1257": charmap.Windows1257, "cp1258": charmap.Windows1258,
	"iso8859-1": charmap.ISO8859_1, "iso8859-2": charmap.ISO8859_2, "iso8859-7": charmap.ISO8859_7, "iso8859-15": charmap.ISO8859_15,
}
