-- Conditions of indexes without IN: for a list of more than two SQLite makes a table of its own each time that a row is
-- written, which cost a fifth of taking a job.
DROP INDEX copies_open;
CREATE INDEX copies_open ON copies(printer, ord, seq)
  WHERE (state = 'queued' OR state = 'held' OR state = 'sending' OR state = 'uncertain');
DROP INDEX jobs_hash;
CREATE INDEX jobs_hash ON jobs(hash) WHERE (kind = 'settlement' OR kind = 'reversal' OR kind = 'order');
DROP INDEX events_batch;
CREATE INDEX events_batch ON events(batch) WHERE (type = 'batch' OR type = 'reversal' OR type = 'conflict');
