-- Remove buckets that nobody touched for a day: by now they are full, like new ones.
DELETE FROM door_limits
WHERE ctid = ANY(ARRAY(
        SELECT d.ctid
        FROM door_limits AS d
        WHERE d.refilled_at < now() - interval '1 day'
        LIMIT %(limit)s
    ))
