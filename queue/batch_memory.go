package queue

import "slices"

// A batchMemory is what one transaction knows of batches, so that jobs that arrive together neither ask for the same instances
// nor write the same row each time. It ends with its transaction, however that ends, and any statement about batches goes
// past it: see tx.statement and tx.exec.
type batchMemory struct {
	numberedBefore map[batchKey][]instance // answers of numbered that are still right, but for lastJob
	last           map[int64]int64         // the latest slips of instances, not written yet
}

// A batchKey is what numbered asks by.
type batchKey struct{ terminal, batchNo, merchant string }

// numbered gives the terminal's instances of a batch number, the youngest first. The list is the caller's.
func (t *tx) numbered(f *facts) ([]instance, error) {
	key := batchKey{f.terminal, f.batchNo, f.merchant}
	list, known := t.numberedBefore[key]
	if !known {
		var err error
		list, err = instances(t, "terminal_no = ? AND batch_no = ? AND "+ofMerchant+" ORDER BY id DESC", f.terminal, f.batchNo, f.merchant, f.merchant)
		if err != nil {
			return nil, err
		}
		if t.numberedBefore == nil {
			t.numberedBefore = map[batchKey][]instance{}
		}
		t.numberedBefore[key] = list
	}
	list = slices.Clone(list)
	for i := range list {
		if seq := t.last[list[i].id]; seq != 0 {
			list[i].lastJob = seq
		}
	}
	return list, nil
}

// noteLast notes an instance's latest slip. It is written before anything else is asked about batches, at the latest with the
// transaction.
func (t *tx) noteLast(batch, seq int64) {
	if t.last == nil {
		t.last = map[int64]int64{}
	}
	t.last[batch] = seq
}

// writeLast writes what noteLast noted.
func (t *tx) writeLast() error {
	list := t.last
	t.last = nil // what writes it is itself about batches
	for batch, seq := range list {
		if err := t.exec("UPDATE batches SET last_job = ? WHERE id = ?", seq, batch); err != nil {
			return err
		}
	}
	return nil
}
