-- Keeps the outcome of the command under its idempotency key; a key in use is a unique violation,
-- which undoes all.
-- Needs  effect(project_id): one row when the command took effect
--        parameters idempotency_key (null: none), fingerprint, request_id, outcome
remembered AS (
    INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)
    SELECT
        f.project_id, %(idempotency_key)s::text, %(fingerprint)s::bytea, %(request_id)s::text,
        %(outcome)s::jsonb
    FROM effect f
    WHERE %(idempotency_key)s::text IS NOT NULL
)
