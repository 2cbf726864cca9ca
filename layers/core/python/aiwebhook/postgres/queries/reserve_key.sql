-- Take an idempotency key at the start of a transaction; its outcome follows before the commit.
INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)
VALUES (%(project_id)s, %(idempotency_key)s, %(fingerprint)s, %(request_id)s, '{}')
