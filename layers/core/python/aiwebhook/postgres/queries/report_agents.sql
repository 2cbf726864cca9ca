-- Set why agents cannot start (reason; {agent} is the placeholder of the spoken name), or that no
-- reason is known (null). Agents not named stay as they are.
UPDATE agents a
SET
    status = CASE WHEN r.reason IS NULL THEN 'available' ELSE 'error' END,
    status_reason = r.reason,
    status_since = now()
FROM (
    SELECT
        b.project_id,
        b.agent_name,
        upper(left(w.words, 1)) || substr(w.words, 2) AS reason
    FROM jsonb_to_recordset(%(reports)s::jsonb) AS told (agent_name text, reason text)
    JOIN agents b ON b.project_id = %(project_id)s AND b.agent_name = told.agent_name
    CROSS JOIN LATERAL (
        SELECT replace(
            told.reason, '{agent}',
            coalesce(b.manifest ->> 'title', 'the ' || replace(b.agent_name, '_', ' '))
        ) AS words
    ) w
) r
WHERE a.project_id = r.project_id
    AND a.agent_name = r.agent_name
    AND CASE
        WHEN r.reason IS NULL THEN a.status = 'error'
        ELSE (a.status, a.status_reason) IS DISTINCT FROM ('error', r.reason)
    END
