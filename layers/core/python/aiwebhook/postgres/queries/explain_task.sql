-- Why a task is not running.
WITH asked AS (
    SELECT
        t.project_id, t.task_id, t.agent_name, t.status, t.ready, t.priority, t.fair_tag,
        t.ready_seq, t.blockers, t.run_after, t.attempts, t.cancel_requested,
        ARRAY(
            SELECT d.depends_on
            FROM task_dependencies d
            WHERE d.project_id = t.project_id AND d.task_id = t.task_id AND NOT d.resolved
            ORDER BY d.depends_on
        ) AS waits_for,
        (
            SELECT l.error ->> 'message'
            FROM task_attempts l
            WHERE l.project_id = t.project_id
                AND l.task_id = t.task_id
                AND l.finished_at IS NOT NULL
            ORDER BY l.lease_epoch DESC
            LIMIT 1
        ) AS last_error
    FROM tasks t
    WHERE t.project_id = %(project_id)s AND t.task_id = %(task_id)s
),
-- include situation
SELECT
    s.status, s.ready, s.blockers, s.run_after, s.attempts, s.cancel_requested, s.agent_name,
    s.max_concurrent, s.agent_status, s.agent_reason, s.agent_kind, s.waits_for, s.running, s.ahead,
    s.last_error, s.median_run_s
FROM situation s
