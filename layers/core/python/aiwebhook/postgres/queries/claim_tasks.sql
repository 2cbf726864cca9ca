-- Claims up to `limit` (at most 100) ready tasks of one agent, never beyond its cap: highest
-- priority, then fair turn, then age.
-- Needs lock_agent in the same transaction. A worker's claim starts the run at once; a dispatcher's
-- waits for launch.
WITH room AS (
    SELECT
        least(
            %(limit)s::integer,
            100,
            a.max_concurrent - (
                SELECT count(*)
                FROM tasks r
                WHERE r.project_id = %(project_id)s
                    AND r.agent_name = %(agent_name)s
                    AND r.status IN ('claimed', 'running')
                    AND NOT r.ready
            )
        ) AS free
    FROM agents a
    WHERE a.project_id = %(project_id)s AND a.agent_name = %(agent_name)s
),
head AS MATERIALIZED (
    SELECT t.project_id, t.task_id
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.ready
        AND (t.deadline IS NULL OR t.deadline > statement_timestamp())
    ORDER BY t.priority DESC, t.fair_tag, t.ready_seq
    LIMIT (SELECT greatest(coalesce(max(room.free), 0), 0) FROM room)
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE tasks t
    SET
        status = CASE WHEN %(worker_id)s::text IS NULL THEN 'claimed' ELSE 'running' END,
        ready = false,
        attempts = t.attempts + 1,
        -- Never twice for one id, also when it was deleted and created again. The second number
        -- is for a row whose last claim was an older version's, which counted for itself.
        lease_epoch = greatest(nextval('lease_epochs'), t.lease_epoch + 1),
        lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s),
        run_after = NULL
    FROM task_payloads p
    WHERE t.project_id = %(project_id)s
        -- An array, not a join: the planner takes it for ten rows, but a LIMIT it cannot know for a
        -- tenth of the table, which it would then read as a whole. The rows are locked and were
        -- found ready; to ask for `ready` again would let the planner take tasks_ready by project
        -- alone when its statistics say that nothing is ready.
        AND t.task_id = ANY(ARRAY(SELECT h.task_id FROM head h))
        AND p.project_id = t.project_id
        AND p.task_id = t.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.priority, t.fair_tag, t.ready_seq,
        t.lease_epoch, t.attempts, p.correlation_id
),
attempted AS (
    INSERT INTO task_attempts (
        project_id, task_id, lease_epoch, agent_name, status, worker_id, started_at
    )
    SELECT
        c.project_id, c.task_id, c.lease_epoch, c.agent_name,
        CASE WHEN %(worker_id)s::text IS NULL THEN 'launching' ELSE 'running' END,
        %(worker_id)s,
        CASE WHEN %(worker_id)s::text IS NOT NULL THEN statement_timestamp() END
    FROM claimed c
    RETURNING task_id, attempt_id
),
lanes AS (
    INSERT INTO queue_lanes AS l (project_id, agent_name, priority, virtual_time)
    SELECT c.project_id, c.agent_name, c.priority, max(c.fair_tag)
    FROM claimed c
    GROUP BY c.project_id, c.agent_name, c.priority
    ON CONFLICT (project_id, agent_name, priority) DO UPDATE
        SET virtual_time = excluded.virtual_time
        WHERE l.virtual_time < excluded.virtual_time
),
new_events AS (
    SELECT
        c.project_id,
        c.session_id,
        row_number() OVER (ORDER BY c.priority DESC, c.fair_tag, c.ready_seq, n.step) AS place,
        n.type,
        c.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'agent_name', c.agent_name, 'attempt', c.attempts, 'worker_id', %(worker_id)s::text
        )) AS data,
        c.correlation_id
    FROM claimed c
    JOIN (VALUES (1, 'task.claimed'), (2, 'task.started')) AS n (step, type)
        ON n.step = 1 OR %(worker_id)s::text IS NOT NULL
),
woken_agents AS (
    SELECT c.project_id, c.agent_name, 'wake' AS kind FROM claimed c WHERE false
),
-- include log_news
SELECT
    c.project_id,
    c.task_id,
    c.session_id,
    c.agent_name,
    c.priority,
    c.lease_epoch,
    c.attempts AS attempt,
    a.attempt_id,
    c.correlation_id
FROM claimed c
JOIN attempted a ON a.task_id = c.task_id
ORDER BY c.priority DESC, c.fair_tag, c.ready_seq
