-- Idempotency keys are promised for 24 hours.
DELETE FROM idempotency_keys
WHERE ctid = ANY(ARRAY(
        SELECT k.ctid
        FROM idempotency_keys k
        WHERE k.created_at < now() - interval '24 hours'
        LIMIT %(limit)s
    ))
