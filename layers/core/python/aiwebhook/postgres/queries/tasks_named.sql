-- Tasks that match a name: all its words occur in the description, the type, or the agent's names.
SELECT
    t.task_id AS id,
    left(coalesce(p.description, p.task_type, t.agent_name), 80) AS name,
    coalesce(lower(p.description) = lower(%(name)s), false) AS exact
FROM task_payloads AS p
JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = p.task_id
JOIN agents AS agent ON agent.project_id = t.project_id AND agent.agent_name = t.agent_name
WHERE p.project_id = %(project_id)s
    AND (%(session_id)s::text IS NULL OR p.session_id = %(session_id)s)
    AND NOT EXISTS (
        SELECT
        FROM unnest(%(words)s::text[]) AS word
        WHERE position(
                lower(word)
                IN lower(concat_ws(
                    ' ', p.description, p.task_type, t.agent_name, agent.manifest ->> 'title'
                ))
            ) = 0
    )
ORDER BY exact DESC, p.created_at DESC
LIMIT 3
