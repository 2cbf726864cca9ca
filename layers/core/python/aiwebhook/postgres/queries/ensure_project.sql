-- Make a project and its agents where they are missing; bring the manifests of built-in agents up
-- to date. An agent of kind worker starts offline: nobody who could do its work has been seen.
WITH project AS (
    INSERT INTO projects (project_id, name)
    VALUES (%(project_id)s, %(name)s)
    ON CONFLICT DO NOTHING
    RETURNING project_id
), agent AS (
    INSERT INTO agents AS a (
        project_id, agent_name, aliases, manifest, max_concurrent, status, status_reason
    )
    SELECT
        %(project_id)s,
        manifest ->> 'name',
        ARRAY(SELECT jsonb_array_elements_text(manifest -> 'aliases')),
        manifest,
        (manifest ->> 'max_concurrent')::integer,
        CASE manifest ->> 'kind' WHEN 'worker' THEN 'offline' ELSE 'available' END,
        CASE manifest ->> 'kind' WHEN 'worker' THEN 'no worker has connected yet' END
    FROM jsonb_array_elements(%(manifests)s::jsonb) AS manifest
    ON CONFLICT (project_id, agent_name) DO UPDATE
        SET
            aliases = excluded.aliases,
            manifest = excluded.manifest,
            max_concurrent = excluded.max_concurrent
        WHERE (a.aliases, a.manifest, a.max_concurrent)
        IS DISTINCT FROM (excluded.aliases, excluded.manifest, excluded.max_concurrent)
)
SELECT EXISTS(SELECT FROM project) AS made
