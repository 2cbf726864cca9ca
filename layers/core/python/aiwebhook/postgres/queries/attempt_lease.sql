-- The lease an attempt stands for, whatever has become of it since.
WITH asked AS (
    SELECT g.project_id, g.agent_name FROM agents g
),
-- include named_attempts
SELECT n.project_id, n.task_id, n.lease_epoch
FROM named n
