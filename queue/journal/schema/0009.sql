-- What somebody outside is to be told: something is so (begun is 0), or it is over (begun is the notice that it ends, since the time of
-- that). over is the notice that ended it, 0 while it stands.
CREATE TABLE notices (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  event   TEXT NOT NULL,
  subject TEXT NOT NULL,
  begun   INTEGER NOT NULL DEFAULT 0,
  since   INTEGER NOT NULL DEFAULT 0,
  over    INTEGER NOT NULL DEFAULT 0,
  facts   TEXT NOT NULL
);
CREATE INDEX notices_standing ON notices(event, subject) WHERE (begun = 0 AND over = 0);

-- How far each receiver was told. Of what came up to first, before the receiver was there, it is told only what stood then.
CREATE TABLE receivers (
  name        TEXT PRIMARY KEY,
  first       INTEGER NOT NULL,
  cursor      INTEGER NOT NULL,
  told_at     INTEGER NOT NULL DEFAULT 0,
  given_up    INTEGER NOT NULL DEFAULT 0,
  given_up_at INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Within how many seconds a job's slips must be out, as the job itself says; 0: the configuration says.
ALTER TABLE jobs ADD COLUMN due INTEGER NOT NULL DEFAULT 0;

-- That a copy was not out in time is told once. The answer that says so asks here.
CREATE INDEX events_overdue ON events(copy) WHERE (type = 'alarm' AND reason = 'overdue');
