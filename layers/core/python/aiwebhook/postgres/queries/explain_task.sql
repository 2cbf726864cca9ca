-- Why a task is not running, in the order in which a person would ask: does it wait for others, for
-- a time, for its turn, for a worker? The place in the queue is counted up to 1000; the estimate
-- takes the median of recent runs.
SELECT
    t.status,
    t.ready,
    t.blockers,
    t.run_after,
    t.attempts,
    t.cancel_requested,
    t.agent_name,
    a.max_concurrent,
    a.status AS agent_status,
    a.status_reason AS agent_reason,
    a.manifest ->> 'kind' AS agent_kind,
    ARRAY(
        SELECT d.depends_on
        FROM task_dependencies d
        WHERE d.project_id = t.project_id AND d.task_id = t.task_id AND NOT d.resolved
        ORDER BY d.depends_on
    ) AS waits_for,
    (
        SELECT count(*)
        FROM tasks r
        WHERE r.project_id = t.project_id
            AND r.agent_name = t.agent_name
            AND r.status IN ('claimed', 'running')
            AND NOT r.ready
    ) AS running,
    CASE WHEN t.ready THEN (
            SELECT count(*)
            FROM (
                SELECT
                FROM tasks q
                WHERE q.project_id = t.project_id
                    AND q.agent_name = t.agent_name
                    AND q.ready
                    AND (
                        q.priority > t.priority
                        OR (
                            q.priority = t.priority
                            AND (q.fair_tag, q.ready_seq) < (t.fair_tag, t.ready_seq)
                        )
                    )
                LIMIT 1000
            ) ahead
        )
    END AS ahead,
    (
        SELECT l.error ->> 'message'
        FROM task_attempts l
        WHERE l.project_id = t.project_id AND l.task_id = t.task_id AND l.finished_at IS NOT NULL
        ORDER BY l.lease_epoch DESC
        LIMIT 1
    ) AS last_error,
    (
        SELECT
            percentile_cont(0.5) WITHIN GROUP (
                ORDER BY extract(EPOCH FROM c.finished_at - c.claimed_at)
            )
        FROM (
            SELECT f.finished_at, f.claimed_at
            FROM task_attempts f
            WHERE f.project_id = t.project_id
                AND f.agent_name = t.agent_name
                AND f.status = 'completed'
            ORDER BY f.finished_at DESC
            LIMIT 20
        ) c
    ) AS median_run_s
FROM tasks t
JOIN agents a ON a.project_id = t.project_id AND a.agent_name = t.agent_name
WHERE t.project_id = %(project_id)s AND t.task_id = %(task_id)s
