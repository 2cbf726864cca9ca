-- Keeps the outcome of a command under its idempotency key; a key in use is a unique violation,
-- which undoes all.
-- Needs  outcome(data, cursor): one row when the command took effect; with a session_id where the
--        parameter does not say it
--        parameters project_id, session_id, idempotency_key (null: none), fingerprint, request_id
remembered AS (
    INSERT INTO idempotency_keys (project_id, key, fingerprint, request_id, outcome)
    SELECT
        %(project_id)s, %(idempotency_key)s, %(fingerprint)s, %(request_id)s,
        jsonb_build_object('session_id', %(session_id)s::text) || to_jsonb(o)
    FROM outcome o
    WHERE %(idempotency_key)s::text IS NOT NULL
)
