-- What a caller needs to continue a session: last words, decisions, open items, tasks. Small.
SELECT
    s.title,
    s.status,
    s.time_zone,
    left(s.context, 300) AS context,
    coalesce((
        SELECT
            jsonb_agg(
                jsonb_build_object(
                    'chunk_id', c.chunk_id,
                    'text', right(c.content, 600),
                    'content_sha256', encode(c.content_sha256, 'hex')
                )
                ORDER BY c.seq
            )
        FROM (
            SELECT chunk_id, content, content_sha256, seq
            FROM conversation_chunks
            WHERE project_id = s.project_id AND session_id = s.session_id
            ORDER BY seq DESC
            LIMIT 2
        ) AS c
    ), '[]') AS last_words,
    coalesce((
        SELECT jsonb_agg(to_jsonb(m) - 'created_at' ORDER BY m.created_at DESC)
        FROM (
            SELECT
                key, type, created_at,
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
        SELECT jsonb_agg(to_jsonb(m) - 'created_at' ORDER BY m.created_at DESC)
        FROM (
            SELECT
                key, type, created_at,
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
                t.task_id, t.agent_name, a.manifest ->> 'title' AS agent_title, t.status,
                left(p.description, 300) AS description, NULL AS say, NULL AS error, p.created_at
            FROM task_payloads AS p
            JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
            JOIN agents AS a ON a.project_id = t.project_id AND a.agent_name = t.agent_name
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
                t.task_id, t.agent_name, a.manifest ->> 'title' AS agent_title, t.status,
                left(p.description, 300) AS description, left(r.say, 1000) AS say, r.error,
                p.created_at
            FROM task_payloads AS p
            JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
            JOIN agents AS a ON a.project_id = t.project_id AND a.agent_name = t.agent_name
            LEFT JOIN task_results AS r ON r.project_id = t.project_id AND r.task_id = t.task_id
            WHERE p.project_id = s.project_id
                AND p.session_id = s.session_id
                AND t.status IN ('completed', 'failed', 'cancelled')
            ORDER BY p.created_at DESC
            LIMIT 5
        ) AS k
    ), '[]') AS finished_tasks
FROM sessions AS s
WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
