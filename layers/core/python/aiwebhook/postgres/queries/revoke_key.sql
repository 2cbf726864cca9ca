-- End a key at once; the first time it leaves an audit entry. No row: no such key.
WITH present AS (
    SELECT key_id, revoked_at
    FROM api_keys
    WHERE project_id = %(project_id)s AND key_id = %(key_id)s
    FOR UPDATE
), api_key AS (
    UPDATE api_keys AS k
    SET revoked_at = coalesce(k.revoked_at, now())
    FROM present AS p
    WHERE k.key_id = p.key_id
    RETURNING
        k.project_id, k.key_id, k.name, k.prefix, k.scopes, k.cidrs::text[] AS cidrs,
        k.rate_per_minute, k.burst, k.expires_at, k.revoked_at, k.created_at,
        p.revoked_at IS NULL AS newly
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT project_id, %(actor)s, 'key.revoked', key_id, jsonb_build_object('name', name)
    FROM api_key
    WHERE newly
)
SELECT
    key_id, name, prefix, scopes, cidrs, rate_per_minute, burst, expires_at, revoked_at, created_at
FROM api_key
