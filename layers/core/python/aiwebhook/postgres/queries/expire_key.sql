-- Free an idempotency key that has served its 24 hours.
DELETE FROM idempotency_keys
WHERE project_id = %(project_id)s AND key = %(key)s AND created_at <= now() - interval '24 hours'
