-- Closes the attempts of ended leases, notes containers of lost ones to be stopped, keeps results,
-- drops checkpoints, words the task's event.
-- Needs  ended(project_id, task_id, session_id, agent_name, status, lease_epoch, attempts,
--        max_attempts, run_after, has_dependants, correlation_id, error, say, output, usage,
--        exit_code, notes, attempt_status)
--        error: as domain/say_ending.py makes it for the statements, with what only this one can
--        finish: `say`, in which {agent} stands for the agent's spoken name and {unread} for what
--        is said of messages that no run has read; `agent_fault`, the same way, when every task of
--        the agent fails like this; `shows_start`, when its program did start
-- Gives  task_news, as log_news needs it
--        freed(project_id, agent_name): a slot or a task came free
unread AS (
    SELECT
        e.project_id,
        e.task_id,
        count(*) AS messages,
        CASE count(*) WHEN 1 THEN 'a message' ELSE count(*) || ' messages' END AS words,
        CASE count(*) WHEN 1 THEN ' was' ELSE ' were' END AS verb
    FROM ended e
    JOIN tasks t ON t.project_id = e.project_id AND t.task_id = e.task_id
    JOIN task_messages m
        ON m.project_id = t.project_id
        AND m.task_id = t.task_id
        AND m.message_no > coalesce(t.read_message_no, 0)
    WHERE e.status IN ('failed', 'cancelled')  -- a success has read all of them, or says so itself
    GROUP BY e.project_id, e.task_id
),
worded AS (
    SELECT
        e.project_id,
        e.task_id,
        e.agent_name,
        CASE
            -- A run that ended by itself reports this itself, in the same words.
            WHEN u.messages IS NULL OR e.output ? 'unread_messages' THEN told.error
            ELSE jsonb_set(
                    told.error,
                    '{message}',
                    to_jsonb(
                        concat_ws(
                            ' ',
                            told.error ->> 'message',
                            upper(left(u.words, 1))
                            || substr(u.words, 2)
                            || ' to it'
                            || u.verb
                            || ' not read.'
                        )
                    )
                )
        END AS error,
        CASE
            WHEN u.messages IS NULL THEN e.output
            ELSE coalesce(e.output, '{}'::jsonb)
                || jsonb_build_object('unread_messages', u.messages)
        END AS output,
        CASE
            WHEN e.status = 'pending' THEN NULL
            WHEN e.say IS NOT NULL THEN e.say
            ELSE upper(left(w.say, 1)) || substr(w.say, 2)
        END AS say,
        upper(left(w.fault, 1)) || substr(w.fault, 2) AS fault,
        e.status = 'completed' OR coalesce((e.error ->> 'shows_start')::boolean, false) AS started
    FROM ended e
    JOIN agents a ON a.project_id = e.project_id AND a.agent_name = e.agent_name
    CROSS JOIN
        LATERAL (
            SELECT
                coalesce(a.manifest ->> 'title', 'the ' || replace(a.agent_name, '_', ' ')) AS agent
        ) n
    LEFT JOIN unread u ON u.project_id = e.project_id AND u.task_id = e.task_id
    CROSS JOIN
        LATERAL (
            SELECT e.error - ARRAY['say', 'agent_fault', 'shows_start'] AS error
        ) told
    CROSS JOIN LATERAL (
        SELECT
            replace(
                replace(coalesce(e.error ->> 'say', '{agent} has finished.'), '{agent}', n.agent),
                '{unread}',
                coalesce(', and ' || u.words || ' to the task' || u.verb || ' not read', '')
            ) AS say,
            replace(e.error ->> 'agent_fault', '{agent}', n.agent) AS fault
    ) w
),
agent_status AS (
    UPDATE agents a
    SET
        status = CASE WHEN w.fault IS NULL THEN 'available' ELSE 'error' END,
        status_reason = w.fault,
        status_since = now()
    FROM worded w
    WHERE a.project_id = w.project_id
        AND a.agent_name = w.agent_name
        AND (
            (
                w.fault IS NOT NULL
                AND (a.status, a.status_reason) IS DISTINCT FROM ('error', w.fault)
            )
            OR (w.started AND a.status = 'error')
        )
),
closed AS (
    UPDATE task_attempts a
    SET
        status = e.attempt_status,
        led_to = e.status,
        error = w.error,
        usage = coalesce(e.usage, a.usage),  -- a lost run cannot say it again
        exit_code = e.exit_code,
        finished_at = now()
    FROM ended e
    JOIN worded w ON w.project_id = e.project_id AND w.task_id = e.task_id
    WHERE a.project_id = e.project_id
        AND a.task_id = e.task_id
        AND a.lease_epoch = e.lease_epoch
        AND sought(a.lease_epoch)
        AND a.finished_at IS NULL
    RETURNING
        a.runtime_ref, a.status,
        attempt_name(a.attempt_id, a.claimed_at, a.lease_epoch) AS attempt_id
),
adrift AS (
    INSERT INTO runs_to_stop (attempt_id, runtime_ref)
    SELECT attempt_id, runtime_ref
    FROM closed
    WHERE status = 'lost' AND runtime_ref IS NOT NULL
    ON CONFLICT DO NOTHING
),
-- A task that was retried may already have a result. The task's row is locked, so nobody else
-- writes one.
rewritten AS (
    UPDATE task_results r
    SET
        lease_epoch = e.lease_epoch,
        output = w.output,
        say = w.say,
        error = w.error,
        usage = e.usage,
        exit_code = e.exit_code,
        notes = e.notes,
        finished_at = now()
    FROM ended e
    JOIN worded w ON w.project_id = e.project_id AND w.task_id = e.task_id
    WHERE r.project_id = e.project_id
        AND r.task_id = e.task_id
        AND sought(r.lease_epoch)
        AND e.status IN ('completed', 'failed', 'cancelled')
    RETURNING r.project_id, r.task_id
),
kept AS (
    INSERT INTO task_results (
        project_id, task_id, lease_epoch, output, say, error, usage, exit_code, notes
    )
    SELECT
        e.project_id,
        e.task_id,
        e.lease_epoch,
        w.output,
        w.say,
        w.error,
        e.usage,
        e.exit_code,
        e.notes
    FROM ended e
    JOIN worded w ON w.project_id = e.project_id AND w.task_id = e.task_id
    WHERE e.status IN ('completed', 'failed', 'cancelled')
        AND NOT EXISTS (
            SELECT FROM rewritten n WHERE n.project_id = e.project_id AND n.task_id = e.task_id
        )
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
            'say', w.say,
            'error', w.error,
            'run_after', to_char(e.run_after AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        )) AS data,
        e.correlation_id
    FROM ended e
    JOIN worded w ON w.project_id = e.project_id AND w.task_id = e.task_id
),
freed AS (
    SELECT DISTINCT e.project_id, e.agent_name FROM ended e
)
