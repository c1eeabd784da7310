-- A slip takes a fifth less room. As in schema 0006 what stands already stays as it is: what is written from here on is shorter, and both are read.
--
-- jobs.hash is the digest's own bytes but where jobs_hash has it; jobs.copies says how many, the rows of copies which. attempts.hash and
-- files.sha256, which nothing reads, stay empty; so does files.job_id of a file that came with its job. copies.base is empty for an original,
-- copies.mark where it is the base, copies.proof where it is what the state says. events.chain and events.about are digests of 31 bits, not
-- 63; same has 8 where detail is that of a first print.
--
-- A file that came with its job is found by the name in the job's row; an index ends with the row's number anyway.
DROP INDEX files_job;
CREATE INDEX files_job ON files(job) WHERE (job IS NOT NULL AND outcome <> 'accepted');
DROP INDEX files_name;
CREATE INDEX files_name ON files(name);
