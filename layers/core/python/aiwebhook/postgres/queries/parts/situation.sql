-- What the queue knows about tasks: why one is not running, in the order in which a person would
-- ask: does it wait for others, for a time, for its turn, for a worker? The place in the queue is
-- counted up to 1000; the estimate takes the median of those of the last fifty runs that succeeded.
-- Needs  asked(project_id, task_id, agent_name, status, ready, priority, fair_tag, ready_seq,
--        blockers, run_after, attempts, cancel_requested, waits_for, last_error)
-- Gives  situation: one row per task, with the fields of TaskSituation
situation AS (
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
        t.waits_for,
        (
            SELECT count(*)
            FROM tasks r
            WHERE r.project_id = t.project_id
                AND r.agent_name = t.agent_name
                AND r.phase = 1
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
                    -- or the planner hopes to meet a thousand soon, and reads the table
                    ORDER BY q.priority DESC, q.fair_tag, q.ready_seq
                    LIMIT 1000
                ) ahead
            )
        END AS ahead,
        t.last_error,
        (
            SELECT
                percentile_cont(0.5) WITHIN GROUP (
                    ORDER BY extract(EPOCH FROM c.finished_at - c.claimed_at)
                )
            FROM (
                SELECT f.finished_at, f.claimed_at, f.status
                FROM task_attempts f
                WHERE f.project_id = t.project_id AND f.agent_name = t.agent_name
                ORDER BY f.lease_epoch DESC
                LIMIT 50
            ) c
            WHERE c.status = 'completed'
        ) AS median_run_s
    FROM asked t
    JOIN agents a ON a.project_id = t.project_id AND a.agent_name = t.agent_name
)
