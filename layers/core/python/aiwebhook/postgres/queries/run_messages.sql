-- Follow-ups for a run, in order, at most ten (each may have 256 KB). No row: the lease is lost; a
-- row without a number: there are none. A run that asks for messages after a number has read up to
-- it: that is recorded, for the event of the task's end (settle_ended).
WITH noted AS (
    UPDATE tasks
    SET read_message_no = least(%(after)s, last_message_no)
    WHERE project_id = %(project_id)s
        AND task_id = %(task_id)s
        AND lease_epoch = %(lease_epoch)s
        AND status = 'running'
        AND least(%(after)s, last_message_no) > coalesce(read_message_no, 0)
        AND last_message_no IS NOT NULL
)
SELECT m.message_no, m.message, m.created_at
FROM tasks t
LEFT JOIN LATERAL (
    SELECT f.message_no, f.message, f.created_at
    FROM task_messages f
    WHERE f.project_id = t.project_id AND f.task_id = t.task_id AND f.message_no > %(after)s
    ORDER BY f.message_no
    LIMIT 10
) m ON true
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
ORDER BY m.message_no
