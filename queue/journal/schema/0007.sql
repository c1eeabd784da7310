-- Slips as files. no counts those of a job; request is the command that asked; mark is what the file says of itself (JSON); file is
-- the PDF as it was made, null until it is.
CREATE TABLE electronic (
  job     INTEGER NOT NULL,
  no      INTEGER NOT NULL,
  request INTEGER NOT NULL,
  name    TEXT NOT NULL,
  mark    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  file    BLOB
);
CREATE UNIQUE INDEX electronic_no ON electronic (job, no);
CREATE INDEX electronic_request ON electronic (request);
