-- Remove marks of stopped runs, and those so old that stopping has failed for good.
DELETE FROM runs_to_stop
WHERE attempt_id = ANY(%(attempt_ids)s::text[]) OR noted_at < now() - interval '1 day'
