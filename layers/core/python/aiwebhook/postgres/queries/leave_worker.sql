-- A worker says that it leaves: it is offline at once, and stays so until it claims anew. Neither
-- its heartbeats nor the claims it still has under way bring it back. Needs lock_agents_of_worker
-- before it in the same transaction: a claim looks at this after it got its lock.
UPDATE workers w
SET
    status = 'offline',
    last_seen_at = now(),
    details = w.details || jsonb_build_object('left_at', now())
WHERE w.project_id = %(project_id)s
    AND w.worker_id = %(worker_id)s
    AND (w.status <> 'offline' OR w.details -> 'left_at' IS NULL)
