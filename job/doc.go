// Package job is what terminal software may ask receiptd for: the kinds of jobs, their payloads, money, masked cards, and
// the guard that keeps card data out.
//
// It owns the words of the contract: the JSON Schema (schema.json), the rules between fields, the codes of problems and
// their wording in Chinese and English. Parse is the only door; what it lets through is free of track data, card
// verification values and PINs, and holds no card number in full.
//
// The package keeps no state but the compiled schema, writes no file and starts no goroutine, so a crash costs nothing.
// Everything here is a pure function of its input: a job sent again compares equal to its first copy (Job.Hash).
//
// # The card guard
//
// A text is read once into groups of digits; the work is linear in its length. A card number is one whole group, or groups
// as a card has them with one and the same separator between, with a scheme's prefix, a length that it issues and the
// check digit; it is never looked for inside something longer. Identifiers are never masked in part: they pass, or the job
// is refused. docs/job.md has the same tables and says what happens in which field.
//
// A card number, or other card data, is:
//
//   - bare: one whole group of digits, set off by anything but digits, with a scheme's prefix, a length it issues and its check digit. Source: ISO/IEC 7812-1.
//   - groups: the same digits in the groups of a card (4-4-4-4, 4-6-5, 4-6-4, 6-13 ...) or spaced out evenly, with one and the same separator; beside it more may stand only behind a blank or a dash. Source: embossing; payment forms.
//   - list: entries of a list, cells of a row, or lines that are the groups of one card and nothing else; beside cells with words only if one is a word for cards. Source: terminal software that writes one group into each entry.
//   - wrapped: a number that a line break tears apart; the second line holds nothing else, and before the first part only a word for cards may stand. Source: wrapping at 32 columns.
//   - exponent: a whole number written like 4.111e15. Source: spreadsheets and JSON libraries.
//   - emv: tag 5A in hexadecimal digits that are tags from first to last. Source: EMV book 3, annex A and B.
//   - own: 13 to 19 digits whose first six and last four are those of this job's masked_pan, also without a check digit; nothing explains it away. Source: the job itself.
//   - card_field: masked_pan shows more than the first six (or eight) and the last four digits. Source: PCI DSS 3.4.1; PCI SSC FAQ 1091.
//   - track1: B, 12 to 19 digits, ^. Source: ISO/IEC 7813.
//   - track2: 12 to 19 digits, then = or D and a year and month; the number passes its check or a ; stands before it; EMV tags 57 and 9F6B. Source: ISO/IEC 7813; EMV book 3, annex A.
//   - name: a field called track2, cvv, pin_block, 57 .... Source: PCI DSS 3.3; EMV book 3, annex A.
//
// A bare number that has the form of a card's is none when it is:
//
//   - a part of something longer: a group of more than 19 digits, or more than five groups of four, is a key, a serial or an account; it is not searched (two cards one after the other are). Source: NFC-e keys, e-invoice numbers, channel transaction ids.
//   - several numbers: nothing is joined across double blanks, tabulators, table strokes, letters, or two sorts of separator; across . / _ and , only what is a card's groups and nothing else. Source: prices, dates, IP addresses, terminal_batch_voucher.
//   - EAN-13, JAN, ISBN, GLN: 13 digits with the right check digit; EAN, UPC and ITF-14 in a bar code of that symbology. Source: GS1 General Specifications, 7.9.
//   - 13 digits that touch a letter: parcel, licence and tax numbers are written so (SF, YT, T ...), and no card with 13 digits has been issued for decades. Source: carriers; Japan's registration numbers.
//   - a GS1 element: behind an application identifier in brackets, with its check digit, or of free length beside an article or parcel number. Source: GS1 General Specifications, 3.
//   - an account number: an IBAN or RF reference with its right check digits, in one piece or in groups; it also excuses groups. Source: ISO 13616, ISO 11649.
//   - a telephone number: at most 14 digits directly behind +. Source: ITU-T E.164.
//   - a decimal fraction: at most 15 digits behind one to three digits above zero and a point, 17 in all. Source: coordinates, rates, weights.
//   - a key or hash: within 32 or more hexadecimal digits with letters among them. Source: fiscal signatures, UUIDs.
//   - a resident identity number: 18 digits (or 17 and X) with a date and the right check digit. Source: GB 11643.
//   - SIRET, CNPJ: 14 digits with the right check digits and one of the low branch numbers that nearly all have. Source: INSEE; Receita Federal.
//   - a number that names this job: the digits of order_no, merchant_order_no or channel_transaction_id of the same job, or 17 to 19 digits of its job_id. Source: the job itself.
//   - a number made of the job's day: 16 digits that begin with YYMMDDhhmmss of the job's own day. Source: the job itself.
//   - a number with its name: behind an order, invoice, serial, parcel or telephone number's name: 订单号, order no., invoice:, RRN ... (the name, then number, no., # or a colon). Source: receipts.
//   - a merchant's payment code: names 02 to 51 (who the merchant is) and the fixed codes of an EMVCo code; the other values are read one by one. Source: EMVCo QR Code Specification, Merchant-Presented Mode.
//
// Prefixes and lengths:
//
//   - Visa: 4 with 13, 16, 19 digits. Source: Visa Core Rules; ISO/IEC 7812-1 (13 digits: cards of the first years).
//   - Mastercard: 51-55, 2221-2720 with 16 digits. Source: Mastercard Rules, BIN series 51-55 and 2221-2720.
//   - American Express: 34, 37 with 15 digits. Source: American Express merchant guide.
//   - UnionPay: 62, 8100-8171 with 16, 17, 18, 19 digits. Source: ISO/IEC 7812 register: all of 62 is UnionPay's; Discover Network IIN ranges (810-817).
//   - UnionPay: 9558-9559 with 19 digits. Source: savings cards older than the 62 range that are still in use (ICBC 9558, ABC 9559).
//   - JCB: 3528-3589 with 16, 17, 18, 19 digits. Source: Discover Network IIN ranges.
//   - Diners Club: 300-305, 3095, 36, 38-39 with 14, 16 digits. Source: Discover Network IIN ranges.
//   - Discover: 6011, 644-649, 65 with 16, 17, 18, 19 digits. Source: Discover Network IIN ranges.
//   - RuPay: 60, 82 with 16 digits. Source: NPCI RuPay BIN ranges.
//   - Maestro: 50, 56-58, 63, 67 with 16, 17, 18, 19 digits. Source: Mastercard Rules, Maestro BIN ranges.
//   - Mir: 2200-2204 with 16, 17, 18, 19 digits. Source: NSPK, Mir BIN range.
package job
