-- Containers to stop, marked longest first.
SELECT attempt_id, runtime_ref
FROM runs_to_stop
ORDER BY noted_at, attempt_id
LIMIT %(limit)s
