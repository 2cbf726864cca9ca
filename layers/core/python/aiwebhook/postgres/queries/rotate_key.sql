-- Create a key with the rights of a live one, which ends after an overlap. No row: no such live
-- key.
WITH replaced AS (
    UPDATE api_keys
    SET expires_at = least(expires_at, now() + make_interval(secs => %(overlap_s)s))
    WHERE project_id = %(project_id)s
        AND key_id = %(replaces)s
        AND revoked_at IS NULL
        AND coalesce(expires_at > now(), true)
    RETURNING project_id, name, scopes, cidrs, rate_per_minute, burst
), api_key AS (
    INSERT INTO api_keys (
        key_id, project_id, name, prefix, key_hash, scopes, cidrs, rate_per_minute, burst
    )
    SELECT
        %(key_id)s,
        project_id,
        name,
        %(prefix)s,
        %(key_hash)s,
        scopes,
        cidrs,
        rate_per_minute,
        burst
    FROM replaced
    RETURNING
        project_id, key_id, name, prefix, scopes, cidrs::text[] AS cidrs, rate_per_minute, burst,
        expires_at, revoked_at, created_at
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT
        project_id, %(actor)s, 'key.rotated', key_id,
        jsonb_build_object('replaces', %(replaces)s::text, 'overlap_s', %(overlap_s)s::integer)
    FROM api_key
)
SELECT
    key_id, name, prefix, scopes, cidrs, rate_per_minute, burst, expires_at, revoked_at, created_at
FROM api_key
