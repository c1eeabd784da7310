-- A chain over the events, so that a journal whose content changed or that lost a part can be told from a whole one. chain is
-- a digest of the event and of the chain of the event before it, about a digest of the row that the event tells of: the job as
-- it was taken, the copy as it became; 0 for none. Events from before this version have 0 in both.
ALTER TABLE events ADD COLUMN chain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN about INTEGER NOT NULL DEFAULT 0;

-- Where retention, or a journal that took the place of another, left a gap in the numbers of events: the chain at the last
-- number of the gap, on which the event behind it goes on.
CREATE TABLE gaps (
  seq   INTEGER PRIMARY KEY,
  chain INTEGER NOT NULL
);
