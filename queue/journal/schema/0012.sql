-- Who wanted a cash drawer open, and what became of it. A pulse leaves once at most: that it may have begun is on disk before it. job is
-- the command, or the captured slip that held the pulse; until is when it must have begun, or the question been answered; 0 once nothing more
-- becomes of it.
CREATE TABLE openings (
  job      INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  printer  TEXT NOT NULL,
  source   TEXT NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  wanted   TEXT NOT NULL DEFAULT '',
  state    TEXT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  changed  INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  seen     TEXT NOT NULL DEFAULT '',
  rev      INTEGER NOT NULL
);
CREATE INDEX openings_standing ON openings(until) WHERE (until > 0);
