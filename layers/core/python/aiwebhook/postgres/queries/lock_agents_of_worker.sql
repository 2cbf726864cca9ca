-- No claim for the worker's agents until the end of the transaction (lock_agent): one that had
-- begun has committed, and the next one sees what this transaction did. In the order of their
-- names: two workers may leave at once.
SELECT pg_advisory_xact_lock(hashtextextended(s.project_id || '/' || s.served, 7))
FROM (
    SELECT w.project_id, a.served
    FROM workers w
    CROSS JOIN unnest(w.agents) AS a (served)
    WHERE w.project_id = %(project_id)s AND w.worker_id = %(worker_id)s
    ORDER BY a.served
) AS s
