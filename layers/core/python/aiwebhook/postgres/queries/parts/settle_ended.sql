-- Closes the attempts of ended leases, keeps results, drops checkpoints, words the task's event.
-- Needs  ended(project_id, task_id, session_id, agent_name, status, lease_epoch, attempts,
-- max_attempts, run_after,
--        has_dependants, correlation_id, error, say, output, usage, exit_code, attempt_status)
-- Gives  task_news, as log_news needs it · freed(project_id, agent_name): a slot or a task came
-- free
closed AS (
    UPDATE task_attempts a
    SET
        status = e.attempt_status,
        led_to = e.status,
        error = e.error,
        usage = coalesce(e.usage, a.usage),  -- a lost run cannot say it again
        exit_code = e.exit_code,
        finished_at = now()
    FROM ended e
    WHERE a.project_id = e.project_id
        AND a.task_id = e.task_id
        AND a.lease_epoch = e.lease_epoch
        AND a.finished_at IS NULL
),
kept AS (
    INSERT INTO task_results AS r (
        project_id, task_id, lease_epoch, output, say, error, usage, exit_code
    )
    SELECT e.project_id, e.task_id, e.lease_epoch, e.output, e.say, e.error, e.usage, e.exit_code
    FROM ended e
    WHERE e.status IN ('completed', 'failed', 'cancelled')
    ON CONFLICT (project_id, task_id) DO UPDATE
    SET
        lease_epoch = excluded.lease_epoch,
        output = excluded.output,
        say = excluded.say,
        error = excluded.error,
        usage = excluded.usage,
        exit_code = excluded.exit_code,
        finished_at = excluded.finished_at
),
dropped AS (
    DELETE FROM task_checkpoints c
    USING ended e
    WHERE c.project_id = e.project_id
        AND c.task_id = e.task_id
        AND e.status IN ('completed', 'failed', 'cancelled')
),
task_news AS (
    SELECT
        e.project_id,
        e.session_id,
        1000000 + row_number() OVER (ORDER BY e.project_id, e.task_id) AS place,
        'task.' || CASE e.status WHEN 'pending' THEN 'requeued' ELSE e.status END AS type,
        e.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'agent_name', e.agent_name,
            'status', e.status,
            'attempt', e.attempts,
            'max_attempts', e.max_attempts,
            'say', e.say,
            'error', e.error,
            'run_after', e.run_after
        )) AS data,
        e.correlation_id
    FROM ended e
),
freed AS (
    SELECT DISTINCT e.project_id, e.agent_name FROM ended e
)
