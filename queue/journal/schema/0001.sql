-- Times are milliseconds since 1970 UTC. Money is minor units. seq numbers are arrival orders and never used again: the
-- queue counts them itself, and retention notes in meta how far it has come before it removes rows.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

-- Each arrival in the drop folder, answered. rev is the number of the event that last changed the answer itself (its
-- copies have their own), written the revision that is known to stand in the results folder.
CREATE TABLE files (
  seq     INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  job_id  TEXT NOT NULL,
  job     INTEGER,
  at      INTEGER NOT NULL,
  rev     INTEGER NOT NULL,
  written INTEGER NOT NULL DEFAULT 0,
  notes   TEXT
);
CREATE INDEX files_name ON files(name, seq);
CREATE INDEX files_job ON files(job) WHERE job IS NOT NULL;

-- Everything asked under a job id: slips, commands, and what became of them. The narrow columns stand before the
-- sanitised JSON so that a search need not read it.
CREATE TABLE jobs (
  seq         INTEGER PRIMARY KEY,
  job_id      TEXT NOT NULL,
  hash        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  source      TEXT NOT NULL,
  file        TEXT NOT NULL,
  aliases     INTEGER NOT NULL DEFAULT 0,
  test        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  created     INTEGER NOT NULL,
  target      INTEGER,
  batch       INTEGER,
  merchant_no TEXT NOT NULL,
  terminal_no TEXT NOT NULL,
  batch_no    TEXT NOT NULL,
  voucher     INTEGER,
  original    INTEGER,
  type        TEXT NOT NULL,
  result      TEXT NOT NULL,
  revision    INTEGER NOT NULL,
  amount      INTEGER NOT NULL,
  currency    TEXT NOT NULL,
  last4       TEXT NOT NULL,
  order_no    TEXT NOT NULL,
  transacted  INTEGER NOT NULL,
  zone        INTEGER NOT NULL DEFAULT 0, -- seconds that the clock of transacted is ahead of UTC
  operator    TEXT NOT NULL,
  copies      TEXT NOT NULL,
  rev         INTEGER NOT NULL,
  notes       TEXT,
  json        BLOB
);
CREATE UNIQUE INDEX jobs_id ON jobs(job_id);
CREATE INDEX jobs_voucher ON jobs(batch, voucher) WHERE batch IS NOT NULL;
CREATE INDEX jobs_original ON jobs(batch, original) WHERE original IS NOT NULL;
CREATE INDEX jobs_settlement ON jobs(terminal_no, seq) WHERE kind = 'settlement';
CREATE INDEX jobs_hash ON jobs(hash) WHERE kind IN ('settlement', 'reversal', 'order');
CREATE INDEX jobs_order ON jobs(order_no) WHERE kind = 'order';
CREATE INDEX jobs_loose ON jobs(at) WHERE batch IS NULL;
CREATE INDEX jobs_transacted ON jobs(transacted) WHERE transacted > 0;

-- What a slip is searched by: a letter and a value. Split by blocks of arrival (bucket), so that writing touches only a
-- few pages however big the journal is.
CREATE TABLE keys (
  bucket INTEGER NOT NULL,
  key    TEXT NOT NULL,
  job    INTEGER NOT NULL,
  PRIMARY KEY (bucket, key, job)
) WITHOUT ROWID;

-- One row is at most one piece of paper. print_no is 0 until the attempt's start is on disk. ord is the place in the
-- printer's queue: a recovery copy takes its predecessor's. attempt is the
-- proof counter of its one attempt; an attempt of which nothing left is forgotten.
CREATE TABLE copies (
  seq      INTEGER PRIMARY KEY,
  job      INTEGER NOT NULL,
  request  INTEGER NOT NULL,
  name     TEXT NOT NULL,
  printer  TEXT NOT NULL,
  moved    TEXT NOT NULL DEFAULT '',
  ord      INTEGER NOT NULL,
  print_no INTEGER NOT NULL DEFAULT 0,
  state    TEXT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  proof    TEXT NOT NULL,
  mark     TEXT NOT NULL,
  base     TEXT NOT NULL,
  operator TEXT NOT NULL,
  why      TEXT NOT NULL,
  archive  TEXT NOT NULL,
  torn     INTEGER NOT NULL,
  auto     INTEGER NOT NULL,
  fresh    INTEGER NOT NULL DEFAULT 0,
  replaces INTEGER,
  attempt  INTEGER,
  asked    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  rev      INTEGER NOT NULL
);
CREATE INDEX copies_job ON copies(job);
CREATE INDEX copies_open ON copies(printer, ord, seq) WHERE state IN ('queued', 'held', 'sending', 'uncertain');

-- Each try to print a copy. proof is the whole counter; its remainder is the id on the wire.
CREATE TABLE attempts (
  proof   INTEGER PRIMARY KEY,
  copy    INTEGER NOT NULL,
  printer TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended   INTEGER,
  outcome TEXT NOT NULL DEFAULT '',
  reason  TEXT NOT NULL DEFAULT '',
  bytes   INTEGER NOT NULL DEFAULT 0,
  hash    TEXT NOT NULL DEFAULT ''
);

-- Instances of batches: a number comes again, an instance does not. began is the first transacted time seen, ended the
-- settlement's time or the first time of the batch that superseded it.
CREATE TABLE batches (
  id          INTEGER PRIMARY KEY,
  merchant_no TEXT NOT NULL,
  terminal_no TEXT NOT NULL,
  batch_no    TEXT NOT NULL,
  state       TEXT NOT NULL,
  began       INTEGER NOT NULL,
  ended       INTEGER,
  opened_at   INTEGER NOT NULL,
  closed_at   INTEGER,
  closed_by   TEXT NOT NULL DEFAULT '',
  settlement  INTEGER,
  first_job   INTEGER NOT NULL,
  last_job    INTEGER
);
CREATE INDEX batches_terminal ON batches(terminal_no, batch_no, id);
CREATE INDEX batches_open ON batches(state) WHERE state IN ('open', 'superseded');

-- The mirror of reversals, one entry for each transaction that the terminal tried to take back.
CREATE TABLE reversals (
  id          INTEGER PRIMARY KEY,
  batch       INTEGER NOT NULL,
  voucher     INTEGER NOT NULL,
  merchant_no TEXT NOT NULL,
  terminal_no TEXT NOT NULL,
  status      TEXT NOT NULL,
  amount      INTEGER NOT NULL,
  currency    TEXT NOT NULL,
  last4       TEXT NOT NULL,
  job         INTEGER NOT NULL,
  opened_at   INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  resolution  TEXT NOT NULL DEFAULT '',
  case_no     TEXT NOT NULL DEFAULT '',
  operator    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX reversals_voucher ON reversals(batch, voucher);
CREATE INDEX reversals_standing ON reversals(terminal_no) WHERE status IN ('pending', 'failed');

-- The audit: what happened, in order. Written once.
CREATE TABLE events (
  seq      INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  type     TEXT NOT NULL,
  job      INTEGER,
  job_id   TEXT NOT NULL,
  request  TEXT NOT NULL,
  copy     INTEGER,
  file     TEXT NOT NULL,
  printer  TEXT NOT NULL,
  state    TEXT NOT NULL,
  reason   TEXT NOT NULL,
  operator TEXT NOT NULL,
  batch    INTEGER,
  detail   TEXT NOT NULL
);
CREATE INDEX events_job ON events(job) WHERE job IS NOT NULL;
CREATE INDEX events_batch ON events(batch) WHERE type IN ('batch', 'reversal', 'conflict');
CREATE TRIGGER events_once BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'an event is written once');
END;
