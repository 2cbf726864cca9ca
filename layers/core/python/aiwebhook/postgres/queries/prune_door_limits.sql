-- Buckets that nobody touched for a day are full: a new one is the same.
DELETE FROM door_limits
WHERE ctid = ANY(ARRAY(
        SELECT d.ctid
        FROM door_limits AS d
        WHERE d.refilled_at < now() - interval '1 day'
        LIMIT %(limit)s
    ))
