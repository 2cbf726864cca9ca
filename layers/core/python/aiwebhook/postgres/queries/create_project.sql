-- Create a project with its agents, as ensure_project does, and with an audit entry in the project
-- that creates it. No row: the id is taken.
WITH made AS (
    INSERT INTO projects (project_id, name)
    VALUES (%(new_project_id)s, %(name)s)
    ON CONFLICT DO NOTHING
    RETURNING project_id, name, created_at
), agent AS (
    INSERT INTO agents (
        project_id, agent_name, aliases, manifest, max_concurrent, status, status_reason
    )
    SELECT
        made.project_id,
        manifest ->> 'name',
        ARRAY(SELECT jsonb_array_elements_text(manifest -> 'aliases')),
        manifest,
        (manifest ->> 'max_concurrent')::integer,
        CASE manifest ->> 'kind' WHEN 'worker' THEN 'offline' ELSE 'available' END,
        CASE manifest ->> 'kind' WHEN 'worker' THEN 'no worker has connected yet' END
    FROM made
    CROSS JOIN jsonb_array_elements(%(manifests)s::jsonb) AS manifest
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT
        %(project_id)s,
        %(actor)s,
        'project.created',
        project_id,
        jsonb_build_object('name', name)
    FROM made
)
SELECT project_id, name, created_at FROM made
