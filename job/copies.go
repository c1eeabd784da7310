package job

import "slices"

// DefaultCopies gives the copies that the contract prescribes for a job that names none. A command has none, and so has
// a transaction whose result is unknown.
func (j *Job) DefaultCopies() []CopyName {
	switch {
	case j.Transaction != nil:
		switch j.Transaction.Result {
		case Approved:
			return []CopyName{CopyMerchant, CopyCardholder}
		case Declined:
			return []CopyName{CopyCardholder}
		}
	case j.Reversal != nil, j.Settlement != nil:
		return []CopyName{CopyMerchant}
	case j.Order != nil:
		return []CopyName{CopyKitchen, CopyCustomer}
	case j.Document != nil:
		return []CopyName{CopyDocument}
	}
	return nil
}

// AllowsCopy reports whether a job of this kind and result has such a copy at all.
func (j *Job) AllowsCopy(c CopyName) bool {
	if s := c.Station(); s != "" && (j.Order == nil || c.Base() != CopyKitchen || !slices.Contains(j.Order.Stations(), s)) {
		return false
	}
	return slices.Contains(j.AllowedCopies(), c.Base())
}

// AllowedCopies names the copies that a job of this kind and result can have.
func (j *Job) AllowedCopies() []CopyName {
	switch {
	case j.Transaction != nil:
		switch j.Transaction.Result {
		case Approved:
			return []CopyName{CopyMerchant, CopyBank, CopyCardholder}
		case Declined:
			return []CopyName{CopyCardholder}
		}
	case j.Reversal != nil:
		if j.Reversal.Status == ReversalSucceeded {
			return []CopyName{CopyMerchant, CopyCardholder}
		}
		return []CopyName{CopyMerchant}
	case j.Settlement != nil:
		return []CopyName{CopyMerchant, CopyBank}
	case j.Order != nil:
		return []CopyName{CopyKitchen, CopyCustomer, CopyDelivery}
	case j.Document != nil:
		return []CopyName{CopyDocument}
	}
	return nil
}

// TerminalNo gives the terminal a job is about, "" when it has none.
func (j *Job) TerminalNo() string {
	switch {
	case j.Transaction != nil:
		return j.Transaction.TerminalNo
	case j.Reversal != nil:
		return j.Reversal.TerminalNo
	case j.Settlement != nil:
		return j.Settlement.TerminalNo
	case j.Command != nil:
		return j.Command.TerminalNo
	}
	return ""
}
