-- Stopped, or noted so long ago that nobody will manage it any more.
DELETE FROM runs_to_stop
WHERE attempt_id = ANY(%(attempt_ids)s::text[]) OR noted_at < now() - interval '1 day'
