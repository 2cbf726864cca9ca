-- The runtime took an attempt that has ended meanwhile, or is gone with its session.
INSERT INTO runs_to_stop (attempt_id, runtime_ref)
SELECT %(attempt_id)s, %(runtime_ref)s
WHERE NOT EXISTS (
        SELECT FROM task_attempts a WHERE a.attempt_id = %(attempt_id)s AND a.finished_at IS NULL
    )
ON CONFLICT DO NOTHING
