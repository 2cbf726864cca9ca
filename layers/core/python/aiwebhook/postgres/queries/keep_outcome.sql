-- Store the outcome under a key that this transaction reserved.
UPDATE idempotency_keys
SET outcome = %(outcome)s::jsonb
WHERE project_id = %(project_id)s AND key = %(idempotency_key)s
