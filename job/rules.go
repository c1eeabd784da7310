package job

// A Rule says why the guard took a part of a job for card data. Problem.Rule names it.
type Rule struct {
	ID     string
	What   Text
	Why    string // the reason, in English, for the documentation
	Source string
}

// Rules lists what the guard finds, in the order of its documentation.
func Rules() []Rule {
	return []Rule{
		{"bare", Text{"连写的卡号", "digits in one piece"}, "one whole group of digits with a scheme's prefix, a length it issues and its check digit", "ISO/IEC 7812-1"},
		{"groups", Text{"按卡面分组的卡号", "grouped as on a card"}, "the groups of a card (4-4-4-4, 4-6-5, 4-6-4, 6-13 ...), or digits spaced out evenly, with one and the same separator", "embossed cards; payment forms"},
		{"list", Text{"列表里分组的卡号", "a list of a card's groups"}, "a list, a row of cells or lines whose entries are the groups of a card and nothing else", "seen in terminal software"},
		{"wrapped", Text{"分两行写的卡号", "broken over two lines"}, "a number that a line break tears apart; the second line holds nothing else", "seen on slips of 32 columns"},
		{"exponent", Text{"写成科学计数的卡号", "written with an exponent"}, "a whole number written like 4.111e15", "spreadsheets and JSON libraries do it"},
		{"emv", Text{"EMV 数据里的卡号", "an EMV tag"}, "tag 5A in a row of hexadecimal tags", "EMV book 3, annex A"},
		{"own", Text{"与本任务的 masked_pan 相符", "agrees with masked_pan"}, "13 to 19 digits whose first six and last four are those of this job's own masked_pan; nothing explains it away", "contract"},
		{"card_field", Text{"卡号栏没有屏蔽", "the card field is not masked"}, "masked_pan shows more than the first six (eight) and last four digits", "PCI DSS 3.4.1; PCI SSC FAQ 1091"},
		{"track1", Text{"一磁道", "track 1"}, "B, 12 to 19 digits, ^", "ISO/IEC 7813"},
		{"track2", Text{"二磁道", "track 2"}, "12 to 19 digits, = or D, and a month of expiry; the number passes its check or a ; stands before it", "ISO/IEC 7813; EMV tag 57"},
		{"name", Text{"不许出现的名称", "a forbidden name"}, "a member called track2, cvv, pin_block, 57 ...", "PCI DSS 3.3; EMV book 3, annex A"},
	}
}

// ruleText words a rule for people.
func ruleText(id, scheme string) Text {
	for _, r := range Rules() {
		if r.ID == id {
			if scheme == "" {
				return r.What
			}
			return Text{scheme + "，" + r.What.Zh, scheme + ", " + r.What.En}
		}
	}
	return Text{id, id}
}
