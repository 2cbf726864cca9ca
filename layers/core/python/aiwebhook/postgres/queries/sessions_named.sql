-- Sessions that match a name: all its words occur in the title. `exact`: it is the title.
SELECT session_id AS id, title AS name, lower(title) = lower(%(name)s) AS exact
FROM sessions
WHERE project_id = %(project_id)s
    AND NOT EXISTS (
        SELECT
        FROM unnest(%(words)s::text[]) AS word
        WHERE coalesce(position(lower(word) IN lower(title)), 0) = 0
    )
ORDER BY exact DESC, last_activity_at DESC
LIMIT 3
