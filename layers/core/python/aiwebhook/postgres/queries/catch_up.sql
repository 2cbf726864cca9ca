-- What one must know to go on with a session: last words, decisions, open items, tasks. Small.
SELECT
    s.title,
    s.status,
    s.time_zone,
    coalesce((
        SELECT
            jsonb_agg(
                jsonb_build_object('chunk_id', c.chunk_id, 'text', right(c.content, 600))
                ORDER BY c.seq
            )
        FROM (
            SELECT chunk_id, content, seq
            FROM conversation_chunks
            WHERE project_id = s.project_id AND session_id = s.session_id AND content IS NOT NULL
            ORDER BY seq DESC
            LIMIT 2
        ) AS c
    ), '[]') AS last_words,
    coalesce((
        SELECT
            jsonb_agg(jsonb_build_object('key', m.key, 'text', m.text) ORDER BY m.created_at DESC)
        FROM (
            SELECT
                key,
                created_at,
                left(coalesce(content ->> 'text', content ->> 'title', content #>> '{}'), 300)
                    AS text
            FROM memories
            WHERE project_id = s.project_id
                AND session_id = s.session_id
                AND current
                AND type = 'decision'
            ORDER BY created_at DESC
            LIMIT 5
        ) AS m
    ), '[]') AS decisions,
    coalesce((
        SELECT
            jsonb_agg(
                jsonb_build_object('key', m.key, 'type', m.type, 'text', m.text)
                ORDER BY m.created_at DESC
            )
        FROM (
            SELECT
                key,
                type,
                created_at,
                left(coalesce(content ->> 'text', content ->> 'title', content #>> '{}'), 300)
                    AS text
            FROM memories
            WHERE project_id = s.project_id
                AND session_id = s.session_id
                AND current
                AND type IN ('action_item', 'question')
            ORDER BY created_at DESC
            LIMIT 5
        ) AS m
    ), '[]') AS open_items,
    coalesce((
        SELECT jsonb_agg(to_jsonb(k) - 'created_at' ORDER BY k.created_at DESC)
        FROM (
            SELECT
                t.task_id, t.agent_name, t.status, left(p.description, 200) AS description,
                p.created_at
            FROM task_payloads AS p
            JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
            WHERE p.project_id = s.project_id
                AND p.session_id = s.session_id
                AND t.status NOT IN ('completed', 'failed', 'cancelled')
            ORDER BY p.created_at DESC
            LIMIT 5
        ) AS k
    ), '[]') AS running_tasks,
    coalesce((
        SELECT jsonb_agg(to_jsonb(k) - 'created_at' ORDER BY k.created_at DESC)
        FROM (
            SELECT
                t.task_id, t.agent_name, t.status, left(p.description, 200) AS description,
                p.created_at
            FROM task_payloads AS p
            JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
            WHERE p.project_id = s.project_id
                AND p.session_id = s.session_id
                AND t.status IN ('completed', 'failed', 'cancelled')
            ORDER BY p.created_at DESC
            LIMIT 5
        ) AS k
    ), '[]') AS finished_tasks
FROM sessions AS s
WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
