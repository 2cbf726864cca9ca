-- outside a transaction
-- The phase of the tasks that were there before, and the indexes that ask for it, built while everybody
-- goes on writing. What an interrupted try left is invalid, hence dropped first.

UPDATE tasks SET phase = 0 WHERE phase = 2 AND status IN ('pending', 'input_required');
UPDATE tasks SET phase = 1 WHERE phase = 2 AND status IN ('claimed', 'running');
DROP INDEX CONCURRENTLY IF EXISTS tasks_leased;
CREATE INDEX CONCURRENTLY tasks_leased ON tasks (project_id, agent_name, lease_epoch) WHERE phase = 1;
DROP INDEX CONCURRENTLY IF EXISTS tasks_timed;
CREATE INDEX CONCURRENTLY tasks_timed ON tasks (run_after) WHERE run_after IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS tasks_limited;
CREATE INDEX CONCURRENTLY tasks_limited ON tasks (deadline) WHERE deadline IS NOT NULL AND phase < 2;
DROP INDEX CONCURRENTLY IF EXISTS task_attempts_newest;
CREATE INDEX CONCURRENTLY task_attempts_newest ON task_attempts (project_id, agent_name, lease_epoch DESC);
