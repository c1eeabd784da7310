package job

// patternNames words the patterns of the schema for people.
var patternNames = map[string][2]string{
	"^[A-Za-z0-9._-]{1,64}$":                     {"1 到 64 个字母、数字、点、下划线或连字符", "1 to 64 letters, digits, dots, underscores or hyphens"},
	"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$": {"语言代码，例：zh-CN", "a language, for example zh-CN"},
	"^[A-Za-z0-9_.|*@-]{1,64}$":                  {"1 到 64 个字母、数字或 _ . | * @ -", "1 to 64 letters, digits or _ . | * @ -"},
	"^[A-Za-z0-9_.|*@-]{0,64}$":                  {"最多 64 个字母、数字或 _ . | * @ -", "at most 64 letters, digits or _ . | * @ -"},
	"^[0-9]{1,6}(\\.[0-9]{1,3})?$":               {"数量写成文字，例：\"2\" 或 \"0.5\"", "a quantity in quotes, for example \"2\" or \"0.5\""},
	"^[A-Za-z0-9-]{0,20}$":                       {"最多 20 个字母、数字或连字符", "at most 20 letters, digits or hyphens"},
	"^[0-9A-Za-z._-]{1,32}$":                     {"1 到 32 个字母、数字、点、下划线或连字符", "1 to 32 letters, digits, dots, underscores or hyphens"},
	"^[0-9A-Za-z._/-]{1,40}$":                    {"1 到 40 个字母、数字或 . _ / -", "1 to 40 letters, digits or . _ / -"},
	"^[0-9A-Za-z-]{1,15}$":                       {"1 到 15 个字母、数字或连字符", "1 to 15 letters, digits or hyphens"},
	"^[0-9A-Za-z]{0,11}$":                        {"最多 11 个字母或数字", "at most 11 letters or digits"},
	"^([0-9]{4}[-/](0[1-9]|1[0-2]))?$":           {"年-月，例：2028-09", "year and month, for example 2028-09"},
	"^[0-9]{0,3}$":                               {"最多 3 位数字", "at most 3 digits"},
	"^([0-9A-Fa-f]{2}){0,16}$":                   {"最多 16 字节的十六进制数", "hexadecimal, at most 16 bytes"},
	"^([0-9A-Fa-f]{16})?$":                       {"16 位十六进制数", "16 hexadecimal digits"},
	"^([0-9A-Fa-f]{10})?$":                       {"10 位十六进制数", "10 hexadecimal digits"},
	"^([0-9A-Fa-f]{8})?$":                        {"8 位十六进制数", "8 hexadecimal digits"},
	"^([0-9A-Fa-f]{6})?$":                        {"6 位十六进制数", "6 hexadecimal digits"},
	"^([0-9A-Fa-f]{4})?$":                        {"4 位十六进制数", "4 hexadecimal digits"},
	"^([0-9A-Fa-f]{2}){0,32}$":                   {"最多 32 字节的十六进制数", "hexadecimal, at most 32 bytes"},
	"^[A-Z]{0,2}$":                               {"一两个大写字母", "one or two capital letters"},
	"^[0-9]{1,6}$":                               {"1 到 6 位数字，加引号", "1 to 6 digits, in quotes"},
	"^[0-9A-Za-z ]{0,6}$":                        {"最多 6 个字母或数字", "at most 6 letters or digits"},
	"^[0-9A-Za-z._-]{0,40}$":                     {"最多 40 个字母、数字、点、下划线或连字符", "at most 40 letters, digits, dots, underscores or hyphens"},
	"^[0-9A-Za-z]{0,4}$":                         {"最多 4 个字母或数字", "at most 4 letters or digits"},
}
