-- The outcome stored under this key at most `valid_s` seconds ago.
SELECT
    fingerprint,
    request_id,
    outcome ->> 'session_id' AS session_id,
    outcome -> 'data' AS data,
    (outcome ->> 'cursor')::bigint AS cursor
FROM idempotency_keys
WHERE project_id = %(project_id)s
    AND key = %(key)s
    AND outcome ->> 'refused_at' IS NULL -- nothing was written
    AND created_at > now() - make_interval(secs => %(valid_s)s)
