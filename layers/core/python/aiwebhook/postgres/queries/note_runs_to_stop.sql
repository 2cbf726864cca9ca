-- Of the attempts that the runtime took, those that have ended meanwhile, or are gone with their
-- session.
INSERT INTO runs_to_stop (attempt_id, runtime_ref)
SELECT n.attempt_id, n.runtime_ref
FROM unnest(%(attempt_ids)s::text[], %(runtime_refs)s::text[]) AS n (attempt_id, runtime_ref)
WHERE NOT EXISTS (
        SELECT FROM task_attempts a WHERE a.attempt_id = n.attempt_id AND a.finished_at IS NULL
    )
ON CONFLICT DO NOTHING
