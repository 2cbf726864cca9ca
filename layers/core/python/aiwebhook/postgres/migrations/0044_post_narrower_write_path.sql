-- outside a transaction
-- What the code before 0043 needed. The ids in the indexes of a project's and a session's tasks took
-- a third of an entry, and ordered only what was created in the same microsecond: who lists sorts
-- that. Ascending: new entries come last, and a page is split where it is full. What an interrupted
-- try left is invalid, hence dropped first.

DROP INDEX CONCURRENTLY IF EXISTS task_payloads_of_session;
CREATE INDEX CONCURRENTLY task_payloads_of_session ON task_payloads (project_id, session_id, created_at);
DROP INDEX CONCURRENTLY IF EXISTS task_payloads_session;
DROP INDEX CONCURRENTLY IF EXISTS task_payloads_created;
CREATE INDEX CONCURRENTLY task_payloads_created ON task_payloads (project_id, created_at);
DROP INDEX CONCURRENTLY IF EXISTS task_payloads_recent;

-- Most runs count nothing.
ALTER TABLE task_attempts ALTER COLUMN events_told DROP DEFAULT;
ALTER TABLE task_attempts ALTER COLUMN events_told DROP NOT NULL;
