-- How far each centre of the fleet has stored the events: seq is the last, at is when it said so. The one without a name is where telling
-- began, or how far a broker took them while there was no centre yet.
CREATE TABLE fleet_cursors (
  centre TEXT PRIMARY KEY,
  seq    INTEGER NOT NULL,
  at     INTEGER NOT NULL
) WITHOUT ROWID;

-- Jobs of a centre whose time was over before they came here: they are never printed, however late another copy of the message comes.
CREATE TABLE fleet_expired (
  job_id TEXT PRIMARY KEY,
  at     INTEGER NOT NULL
) WITHOUT ROWID;
