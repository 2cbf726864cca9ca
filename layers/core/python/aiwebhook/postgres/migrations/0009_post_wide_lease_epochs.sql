-- Four bytes would end after two thousand million claims. After the new code is live, because it
-- plans its statements anew when a column's type changes under them, and the old one does not.
-- Rewrites the tables under a lock: some seconds for a million tasks.

ALTER TABLE tasks ALTER COLUMN lease_epoch TYPE bigint;

ALTER TABLE task_attempts ALTER COLUMN lease_epoch TYPE bigint;

ALTER TABLE task_results ALTER COLUMN lease_epoch TYPE bigint;

ALTER TABLE task_checkpoints ALTER COLUMN lease_epoch TYPE bigint;
