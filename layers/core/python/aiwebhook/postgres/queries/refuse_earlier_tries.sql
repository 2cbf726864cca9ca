-- Record that this try of the key was refused: an earlier try that has not written yet then finds
-- the key taken, and is rolled back. No row: a try has written, or a later one was refused.
INSERT INTO idempotency_keys AS k (project_id, key, fingerprint, request_id, outcome)
VALUES (
    %(project_id)s,
    %(idempotency_key)s,
    %(fingerprint)s,
    %(request_id)s,
    jsonb_build_object('refused_at', %(arrived_at)s::timestamptz)
)
ON CONFLICT (project_id, key) DO UPDATE
    SET outcome = excluded.outcome, created_at = now()
    WHERE (k.outcome ->> 'refused_at')::timestamptz <= %(arrived_at)s
