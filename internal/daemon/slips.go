package daemon

import (
	"fmt"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/templates"
)

// Shop gives what the configuration says about slips. It reads the logo's file.
func Shop(c *config.Config) (templates.Shop, error) {
	logo, err := templates.LoadLogo(c.Slip.Logo)
	if err != nil {
		_, en := templates.LogoProblem(c.Slip.Logo, err)
		return templates.Shop{}, fmt.Errorf("slip.logo: %s", en)
	}
	s := templates.Shop{
		MaskPolicy: templates.MaskPolicy(c.Slip.MaskPolicy), PrintExpiry: templates.ExpiryPolicy(c.Slip.PrintExpiry), Zone: c.Shop.Zone(),
		Negative: c.Slip.Negative, Hotline: c.Slip.Hotline, Footer: c.Slip.Footer, Logo: logo,
	}
	for _, m := range c.Money {
		s.Money = append(s.Money, templates.MoneyStyle(m))
	}
	return s, nil
}
