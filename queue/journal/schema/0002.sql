-- What a refund or a completion is found by: ref is what later transactions name this one by (r reference number, a
-- authorisation code of a pre-authorisation, o order number of a scanned payment), refers the ref that this one names; of a
-- void of another batch it is v, batch and voucher.
ALTER TABLE jobs ADD COLUMN ref TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN refers TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_refers ON jobs(refers) WHERE refers <> '';
