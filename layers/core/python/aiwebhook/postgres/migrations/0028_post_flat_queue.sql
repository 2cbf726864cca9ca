-- outside a transaction
-- What only the code before 0026 needed. An agent is enrolled with its first task and never deleted
-- but with its project, so no foreign key has to lock its row for every task.

DROP TRIGGER IF EXISTS tasks_phase ON tasks;
DROP FUNCTION IF EXISTS set_task_phase();
DROP INDEX CONCURRENTLY IF EXISTS tasks_running;
DROP INDEX CONCURRENTLY IF EXISTS tasks_waiting;
DROP INDEX CONCURRENTLY IF EXISTS tasks_deadline;
DROP INDEX CONCURRENTLY IF EXISTS task_attempts_recent;
ALTER TABLE tasks DROP CONSTRAINT IF EXISTS tasks_project_id_agent_name_fkey;
