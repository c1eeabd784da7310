package job

import (
	"strconv"
	"strings"
)

// exponents lists the currencies of ISO 4217 whose minor unit is not one hundredth.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
	"UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// hundredths lists the currencies of ISO 4217 with two decimals.
const hundredths = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD " +
	"CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD " +
	"HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR " +
	"MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD " +
	"SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER " +
	"ZAR ZMW ZWG"

// CurrencyExponent gives the number of decimals of an ISO 4217 currency, and whether there is such a currency.
func CurrencyExponent(currency string) (int, bool) {
	if e, ok := exponents[currency]; ok {
		return e, true
	}
	return 2, len(currency) == 3 && !strings.Contains(currency, " ") && strings.Contains(hundredths, currency)
}

// FormatAmount writes minor units as a decimal with the currency's own number of decimals and no currency name:
// FormatAmount(123456, "CNY") is "1234.56". An unknown currency has two decimals.
func FormatAmount(minor int64, currency string) string {
	e, _ := CurrencyExponent(currency)
	s := strconv.FormatInt(minor, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if e == 0 {
		return sign + s
	}
	if n := e + 1 - len(s); n > 0 {
		s = strings.Repeat("0", n) + s
	}
	return sign + s[:len(s)-e] + "." + s[len(s)-e:]
}

// NormalVoucher pads a voucher or batch number to the six digits that slips carry: "123" is "000123". What is not one to
// six digits comes back unchanged.
func NormalVoucher(no string) string {
	if no == "" || len(no) > 6 || strings.Trim(no, "0123456789") != "" {
		return no
	}
	return strings.Repeat("0", 6-len(no)) + no
}
