-- Free an idempotency key that has expired, or under which nothing was written: only earlier tries,
-- or this one in another form, were refused.
DELETE FROM idempotency_keys
WHERE project_id = %(project_id)s
    AND key = %(idempotency_key)s
    AND (
        created_at <= now() - make_interval(secs => %(valid_s)s)
        OR (outcome ->> 'refused_at')::timestamptz <= %(arrived_at)s
    )
