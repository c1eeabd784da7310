-- A journal takes half the room: what is written from here on is written shorter, what stands already stays as it is, so that a
-- journal of any size has its new form in a moment.
--
-- jobs.json is packed where its first byte is 1 (the others begin with a brace): see record.Pack. attempts.hash and files.sha256
-- are the digest's own bytes where they are blobs.
--
-- same says which texts of an event are those of its job's row and are not written again: 1 job_id, 2 request (the job's id), 4 file.
ALTER TABLE events ADD COLUMN same INTEGER NOT NULL DEFAULT 0;
