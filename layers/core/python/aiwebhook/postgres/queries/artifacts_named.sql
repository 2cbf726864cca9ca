-- Artifacts of a task whose id or name is the given one, or whose name contains it. Of several with
-- the same name only the newest, which replaces the others.
SELECT newest.id, newest.name, newest.exact
FROM (
    SELECT DISTINCT ON (lower(name))
        artifact_id AS id,
        name,
        artifact_id = %(name)s OR lower(name) = lower(%(name)s) AS exact,
        created_at
    FROM artifacts
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND task_id = %(task_id)s
        AND (artifact_id = %(name)s OR position(lower(%(name)s) IN lower(name)) > 0)
    ORDER BY lower(name), artifact_id = %(name)s DESC, created_at DESC, artifact_id DESC
) AS newest
ORDER BY newest.id = %(name)s DESC, newest.exact DESC, newest.created_at DESC
LIMIT 3
