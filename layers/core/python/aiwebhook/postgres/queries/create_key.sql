-- Store an API key, with an audit entry. No row: no such project.
WITH api_key AS (
    INSERT INTO api_keys (
        key_id,
        project_id,
        name,
        prefix,
        key_hash,
        scopes,
        cidrs,
        rate_per_minute,
        burst,
        expires_at
    )
    SELECT
        %(key_id)s, project_id, %(name)s, %(prefix)s, %(key_hash)s, %(scopes)s,
        %(cidrs)s::text[]::cidr[], %(rate_per_minute)s, %(burst)s, %(expires_at)s
    FROM projects
    WHERE project_id = %(project_id)s
    RETURNING
        project_id, key_id, name, prefix, scopes, cidrs::text[] AS cidrs, rate_per_minute, burst,
        expires_at, revoked_at, created_at
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT
        project_id,
        %(actor)s,
        'key.created',
        key_id,
        jsonb_build_object('name', name, 'scopes', scopes)
    FROM api_key
)
SELECT
    key_id, name, prefix, scopes, cidrs, rate_per_minute, burst, expires_at, revoked_at, created_at
FROM api_key
