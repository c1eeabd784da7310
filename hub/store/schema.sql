-- How each shop is, as it last said.
CREATE TABLE shops(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  state BLOB,                          -- wire.State, the last one
  heard INTEGER NOT NULL DEFAULT 0,    -- when it last said anything
  birth TEXT NOT NULL DEFAULT '',      -- the journal that spoke last
  replaced INTEGER NOT NULL DEFAULT 0, -- when another journal took the place of one that was known
  doubled INTEGER NOT NULL DEFAULT 0   -- when two journals last spoke in turn: two daemons under one name
) STRICT;

-- How far each journal of a shop is stored.
CREATE TABLE journals(
  shop INTEGER NOT NULL, birth TEXT NOT NULL, seq INTEGER NOT NULL, began INTEGER NOT NULL,
  PRIMARY KEY(shop, birth)
) STRICT, WITHOUT ROWID;

CREATE TABLE events(
  n INTEGER PRIMARY KEY AUTOINCREMENT, shop INTEGER NOT NULL, birth TEXT NOT NULL, seq INTEGER NOT NULL,
  came INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_chain ON events(shop, birth, seq);
CREATE INDEX events_came ON events(came);

-- Each piece of paper, as its newest event says.
CREATE TABLE copies(
  shop INTEGER NOT NULL, copy_id TEXT NOT NULL, job_id TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL,
  copy TEXT NOT NULL, station TEXT NOT NULL, print_no INTEGER NOT NULL, state TEXT NOT NULL, proof TEXT NOT NULL, mark TEXT NOT NULL,
  printer TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY(shop, copy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_job ON copies(shop, job_id);
CREATE INDEX copies_new ON copies(shop, n);
CREATE INDEX copies_at ON copies(at);

-- The outbox: one job for one shop. Its content goes when the shop has answered.
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY AUTOINCREMENT, shop INTEGER NOT NULL, job_id TEXT NOT NULL,
  kind TEXT NOT NULL, hash TEXT NOT NULL, content BLOB, source TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER NOT NULL,
  state TEXT NOT NULL, open INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0,   -- how often it left, counted before it leaves
  tries INTEGER NOT NULL DEFAULT 0,  -- the same since the line or the shop came up
  sent_at INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  outcome TEXT NOT NULL DEFAULT '', errors BLOB, done INTEGER NOT NULL DEFAULT 0,
  UNIQUE(shop, job_id)
) STRICT;
CREATE INDEX jobs_due ON jobs(next_at) WHERE open = 1;
CREATE INDEX jobs_open ON jobs(shop, id) WHERE open = 1;
CREATE INDEX jobs_expire ON jobs(expires) WHERE open = 1 AND sent = 0 AND expires > 0;
CREATE INDEX jobs_done ON jobs(done) WHERE open = 0;

CREATE TABLE commands(
  n INTEGER PRIMARY KEY AUTOINCREMENT, cmd_id TEXT NOT NULL UNIQUE, shop INTEGER NOT NULL, body BLOB NOT NULL, operator TEXT NOT NULL,
  created INTEGER NOT NULL, until INTEGER NOT NULL, next_at INTEGER NOT NULL, open INTEGER NOT NULL,
  reply BLOB, done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX commands_due ON commands(next_at) WHERE open = 1;
CREATE INDEX commands_shop ON commands(shop, n);
