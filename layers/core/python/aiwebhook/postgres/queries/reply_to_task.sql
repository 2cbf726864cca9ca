-- Store a message for the run of a task. No row: no such task in this session ('': in the project),
-- it has ended, or its agent reads no messages. The task's row records the newest number under its
-- lock: a completion that has not seen it is refused.
WITH task AS MATERIALIZED (
    SELECT t.task_id, t.session_id, t.agent_name, a.manifest ->> 'title' AS agent_title
    FROM tasks AS t
    LEFT JOIN agents AS a ON a.project_id = t.project_id AND a.agent_name = t.agent_name
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.status NOT IN ('completed', 'failed', 'cancelled')
        AND %(session_id)s IN (t.session_id, '')
        AND coalesce(a.manifest ->> 'kind' = ANY(%(reading_kinds)s::text[]), true)
    FOR NO KEY UPDATE OF t
), message AS (
    INSERT INTO task_messages (project_id, task_id, message)
    SELECT %(project_id)s, task_id, %(message)s::jsonb
    FROM task
    RETURNING task_id, message_no
), noted AS (
    UPDATE tasks AS t
    SET last_message_no = message.message_no
    FROM message
    WHERE t.project_id = %(project_id)s AND t.task_id = message.task_id
), session AS (
    UPDATE sessions AS s
    SET last_seq = s.last_seq + 1, last_activity_at = now()
    FROM task
    WHERE s.project_id = %(project_id)s AND s.session_id = task.session_id
    RETURNING s.session_id, s.last_seq
), event AS (
    INSERT INTO events (project_id, session_id, seq, type, task_id, data, correlation_id)
    SELECT
        %(project_id)s, session_id, last_seq, 'task.message', task_id,
        jsonb_build_object('message_no', message_no), %(correlation_id)s
    FROM session, message
), outcome AS (
    SELECT
        session_id,
        jsonb_build_object(
            'task_id', task_id,
            'agent_name', agent_name,
            'agent_title', agent_title,
            'message_no', message_no
        ) AS data,
        last_seq AS cursor
    FROM message JOIN task USING (task_id) JOIN session USING (session_id)
),
-- include keep_outcome
SELECT session_id, data, cursor, '[]'::jsonb AS outbox FROM outcome
