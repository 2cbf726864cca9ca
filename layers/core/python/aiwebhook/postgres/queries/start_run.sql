-- A run reports in: claimed → running, and it is given its work. Single use, except that the same
-- worker may repeat the call after a lost answer.
WITH named AS MATERIALIZED (
    SELECT n.project_id, n.task_id, n.lease_epoch
    FROM projects g
    CROSS JOIN
        LATERAL (
            SELECT a.project_id, a.task_id, a.lease_epoch
            FROM task_attempts a
            WHERE a.project_id = g.project_id
                AND a.task_id = %(task_id)s
                AND a.lease_epoch = id_number(%(attempt_id)s)
                AND attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) = %(attempt_id)s
            LIMIT 1
        ) n
    UNION
    -- Stored by an older version.
    SELECT a.project_id, a.task_id, a.lease_epoch
    FROM task_attempts a
    WHERE a.attempt_id = %(attempt_id)s AND a.task_id = %(task_id)s
),
held AS MATERIALIZED (
    SELECT
        t.project_id, t.task_id, t.session_id, t.agent_name, t.attempts, t.lease_epoch,
        t.status = 'claimed' AS first_time, p.correlation_id
    FROM named n
    JOIN task_attempts a
        ON a.project_id = n.project_id
        AND a.task_id = n.task_id
        AND a.lease_epoch = n.lease_epoch
    JOIN tasks t
        ON t.project_id = a.project_id AND t.task_id = a.task_id AND t.lease_epoch = a.lease_epoch
    JOIN task_payloads p ON p.project_id = a.project_id AND p.task_id = a.task_id
    WHERE (t.status = 'claimed' AND a.status IN ('launching', 'launched'))
        OR (t.status = 'running' AND a.status = 'running' AND a.worker_id = %(worker_id)s)
),
-- Of two concurrent starts, the second no longer finds the status that it expects: no row, and its
-- next try sees whose run it is. Whatever ends an attempt has changed the task's row before.
run AS (
    UPDATE tasks t
    SET
        status = 'running',
        lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s)
    FROM held h
    WHERE t.project_id = h.project_id
        AND t.task_id = h.task_id
        AND t.lease_epoch = h.lease_epoch
        AND t.status = CASE WHEN h.first_time THEN 'claimed' ELSE 'running' END
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.lease_epoch, t.timeout_s,
        t.attempts AS attempt, %(attempt_id)s::text AS attempt_id
),
started_attempt AS (
    UPDATE task_attempts a
    SET
        status = 'running',
        worker_id = %(worker_id)s,
        started_at = coalesce(a.started_at, statement_timestamp())
    FROM run r
    WHERE a.project_id = r.project_id AND a.task_id = r.task_id AND a.lease_epoch = r.lease_epoch
),
new_events AS (
    SELECT
        h.project_id,
        h.session_id,
        1 AS place,
        'task.started' AS type,
        h.task_id,
        jsonb_build_object(
            'agent_name', h.agent_name, 'attempt', h.attempts, 'worker_id', %(worker_id)s::text
        ) AS data,
        h.correlation_id
    FROM held h
    JOIN run r ON r.project_id = h.project_id AND r.task_id = h.task_id
    WHERE h.first_time
),
woken_agents AS (
    SELECT h.project_id, h.agent_name, 'wake' AS kind FROM held h WHERE false
),
-- include log_news,
-- include work
SELECT * FROM work
