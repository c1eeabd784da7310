package job

import "slices"

// MaxStations bounds how many tickets an order's kitchen copy can be divided into.
const MaxStations = 20

// Stations gives the stations of an order's items in the order of their first item; "" stands for items that name none. An order that
// names no station at all has no parts: nil.
func (o *Order) Stations() []string {
	var list []string
	divided := false
	for i := range o.Bags {
		for k := range o.Bags[i].Items {
			s := o.Bags[i].Items[k].Station
			divided = divided || s != ""
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	if !divided {
		return nil
	}
	return list
}

// Tickets gives the tickets that copies of a job are: an order's kitchen copy is one for each station, any other copy is one.
func (j *Job) Tickets(names []CopyName) []CopyName {
	if j.Order == nil || !slices.Contains(names, CopyKitchen) {
		return names
	}
	stations := j.Order.Stations()
	if stations == nil {
		return names
	}
	var list []CopyName
	for _, n := range names {
		if n != CopyKitchen {
			list = append(list, n)
			continue
		}
		for _, s := range stations {
			list = append(list, n.At(s))
		}
	}
	return list
}
