-- Further papers of a slip that a program printed: documents of its batch. They are few; the count of a batch's slips leaves them out.
CREATE INDEX jobs_papers ON jobs(batch, voucher) WHERE (kind = 'document' AND batch IS NOT NULL);
