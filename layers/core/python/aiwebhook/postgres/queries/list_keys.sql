-- All keys of a project, newest first.
SELECT
    key_id, name, prefix, scopes, cidrs::text[] AS cidrs, rate_per_minute, burst, expires_at,
    revoked_at, created_at
FROM api_keys
WHERE project_id = %(project_id)s
ORDER BY created_at DESC, key_id DESC
