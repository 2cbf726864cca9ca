-- Create a source. No row: its id is taken, by any project.
WITH source AS (
    INSERT INTO sources (
        source_id, project_id, kind, description, rules, secret_box, cidrs, max_bytes,
        rate_per_minute, burst, tokens, retention_days
    )
    VALUES (
        %(source_id)s, %(project_id)s, %(kind)s, %(description)s, %(rules)s, %(secret_box)s,
        %(cidrs)s::text[]::cidr[],
        %(max_bytes)s,
        %(rate_per_minute)s,
        %(burst)s::integer,
        %(burst)s::integer,
        %(retention_days)s
    )
    ON CONFLICT DO NOTHING
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'source.created', source_id
    FROM source
),
-- include shown_source
SELECT * FROM shown_source
