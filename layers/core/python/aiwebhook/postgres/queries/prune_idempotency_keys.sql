-- Remove idempotency keys that are older than we promise to remember them.
DELETE FROM idempotency_keys
WHERE ctid = ANY(ARRAY(
        SELECT k.ctid
        FROM idempotency_keys k
        WHERE k.created_at < now() - make_interval(secs => %(valid_s)s)
        LIMIT %(limit)s
    ))
