-- Lock the tasks of several runs and their sessions, before statements that each end one or more of
-- them: all tasks before the first session, each in key order, like everywhere. Otherwise the
-- second statement would wait for a task while the first one's session is locked.
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.session_id
    FROM unnest(%(project_ids)s::text[], %(task_ids)s::text[], %(lease_epochs)s::bigint[])
            AS b (project_id, task_id, lease_epoch)
    JOIN tasks t
        ON t.project_id = b.project_id AND t.task_id = b.task_id AND t.lease_epoch = b.lease_epoch
    WHERE t.status = 'running'
    ORDER BY t.project_id, t.task_id
    FOR NO KEY UPDATE OF t
)
SELECT s.session_id
FROM sessions s
WHERE (s.project_id, s.session_id) IN (SELECT h.project_id, h.session_id FROM held h)
ORDER BY s.project_id, s.session_id
FOR NO KEY UPDATE
