-- Free an idempotency key that has served its time.
DELETE FROM idempotency_keys
WHERE project_id = %(project_id)s
    AND key = %(key)s
    AND created_at <= now() - make_interval(secs => %(valid_s)s)
