package config

// DrawerPrinter gives the printer on which the cash drawer is that somebody wants open: the one that he names; else the only one whose
// section says where its drawer is (drawer_pin); else the only printer. It is "" where that is not clear.
func (c *Config) DrawerPrinter(wish string) string {
	if wish != "" {
		return wish
	}
	with := ""
	for i := range c.Printers {
		if c.Printers[i].DrawerPin == 0 {
			continue
		}
		if with != "" {
			return ""
		}
		with = c.Printers[i].Name
	}
	if with == "" && len(c.Printers) == 1 {
		with = c.Printers[0].Name
	}
	return with
}
