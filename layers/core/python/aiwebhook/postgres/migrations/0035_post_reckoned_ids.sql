-- outside a transaction
-- What the code before 0034 needed: stored ids, an index entry for each, the number of every event,
-- and foreign keys that lock the task's row. Rows of before keep their ids, and the index that finds
-- them. What an interrupted try left is invalid, hence dropped first.

ALTER TABLE task_payloads DROP CONSTRAINT IF EXISTS task_payloads_project_id_task_id_fkey;
ALTER TABLE task_results DROP CONSTRAINT IF EXISTS task_results_project_id_task_id_fkey;
ALTER TABLE task_attempts DROP CONSTRAINT IF EXISTS task_attempts_project_id_task_id_fkey;
ALTER TABLE idempotency_keys DROP CONSTRAINT IF EXISTS idempotency_keys_project_id_fkey;

ALTER TABLE events ALTER COLUMN event_id DROP DEFAULT;
ALTER TABLE events ALTER COLUMN event_id DROP NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS events_stored_id;
CREATE INDEX CONCURRENTLY events_stored_id ON events (event_id)
    WHERE event_id IS NOT NULL
        AND type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled');
DROP INDEX CONCURRENTLY IF EXISTS events_news_id;

ALTER TABLE task_attempts ALTER COLUMN attempt_id DROP DEFAULT;
ALTER TABLE task_attempts ALTER COLUMN attempt_id DROP NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS task_attempts_stored_id;
CREATE INDEX CONCURRENTLY task_attempts_stored_id ON task_attempts (attempt_id)
    WHERE attempt_id IS NOT NULL;
ALTER TABLE task_attempts DROP CONSTRAINT IF EXISTS task_attempts_attempt_id_key;
-- Ascending: new entries come last, and a page is split where it is full.
DROP INDEX CONCURRENTLY IF EXISTS task_attempts_claimed;
CREATE INDEX CONCURRENTLY task_attempts_claimed ON task_attempts (project_id, agent_name, lease_epoch);
DROP INDEX CONCURRENTLY IF EXISTS task_attempts_newest;

DROP INDEX CONCURRENTLY IF EXISTS events_place;
CREATE UNIQUE INDEX CONCURRENTLY events_place ON events (project_id, xid, event_no);
DROP INDEX CONCURRENTLY IF EXISTS events_number;
CREATE UNIQUE INDEX CONCURRENTLY events_number ON events (event_no)
    WHERE type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress');
ALTER TABLE events DROP CONSTRAINT IF EXISTS events_pkey;
ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY USING INDEX events_place;
DROP INDEX CONCURRENTLY IF EXISTS events_project;
