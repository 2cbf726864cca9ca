-- Create a project and its agents if they are missing; bring the manifests of built-in agents up to
-- date. An agent of kind worker starts offline: no worker for it has been seen yet. An agent that
-- this release does not have, or has under another name, gets the status error, because nobody will
-- do its work; with a release that has it again, it is as new.
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
            max_concurrent = excluded.max_concurrent,
            status = CASE a.status_reason WHEN %(absent)s THEN excluded.status ELSE a.status END,
            status_reason = CASE a.status_reason
                WHEN %(absent)s THEN excluded.status_reason ELSE a.status_reason
            END
        WHERE (a.aliases, a.manifest, a.max_concurrent)
        IS DISTINCT FROM (excluded.aliases, excluded.manifest, excluded.max_concurrent)
        OR a.status_reason = %(absent)s
), absent AS (
    UPDATE agents AS a
    SET status = 'error', status_reason = %(absent)s, status_since = now()
    WHERE a.project_id = %(project_id)s
        AND a.agent_name NOT IN (
            SELECT s.shipped ->> 'name'
            FROM jsonb_array_elements(%(manifests)s::jsonb) AS s (shipped)
        )
        AND (a.status, a.status_reason) IS DISTINCT FROM ('error', %(absent)s)
)
SELECT EXISTS(SELECT FROM project) AS made
