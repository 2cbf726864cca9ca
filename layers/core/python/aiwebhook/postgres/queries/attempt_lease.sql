-- The lease of an attempt, whatever its state is now.
WITH asked AS (
    SELECT g.project_id, g.agent_name FROM agents g
),
-- include named_attempts
SELECT n.project_id, n.task_id, n.lease_epoch
FROM named n
