-- Keep a message for the run of a task. No row: no such task, or it has ended.
WITH task AS (
    SELECT task_id, session_id, agent_name
    FROM tasks
    WHERE project_id = %(project_id)s
        AND task_id = %(task_id)s
        AND status NOT IN ('completed', 'failed', 'cancelled')
    FOR UPDATE
), session AS (
    UPDATE sessions AS s
    SET last_seq = s.last_seq + 1, last_activity_at = now()
    FROM task
    WHERE s.project_id = %(project_id)s AND s.session_id = task.session_id
    RETURNING s.session_id, s.last_seq
), message AS (
    INSERT INTO task_messages (project_id, task_id, message)
    SELECT %(project_id)s, task_id, %(message)s::jsonb
    FROM task, session
    RETURNING task_id, message_no
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, task_id, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'task.message', task_id,
        jsonb_build_object('message_no', message_no), %(correlation_id)s
    FROM session, message
), outcome AS (
    SELECT
        jsonb_build_object(
            'task_id', task_id, 'agent_name', agent_name, 'message_no', message_no
        ) AS data,
        last_seq AS cursor
    FROM session, message JOIN task USING (task_id)
),
-- include keep_outcome
SELECT data, cursor, '[]'::jsonb AS outbox FROM outcome
