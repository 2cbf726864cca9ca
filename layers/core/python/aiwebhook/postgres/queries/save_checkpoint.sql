-- Store what the next attempt gets if this run is lost; replaces the previous checkpoint. No row:
-- the lease is lost. The lock keeps the fence closed until the commit.
WITH held AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.lease_epoch
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
    FOR NO KEY UPDATE
)
INSERT INTO task_checkpoints AS c (
    project_id, task_id, lease_epoch, data, content_sha256, size
)
SELECT
    h.project_id, h.task_id, h.lease_epoch, %(data)s::jsonb, %(content_sha256)s::bytea,
    %(size)s::bigint
FROM held h
ON CONFLICT (project_id, task_id) DO UPDATE
    SET
        lease_epoch = excluded.lease_epoch,
        data = excluded.data,
        content_sha256 = excluded.content_sha256,
        size = excluded.size,
        created_at = excluded.created_at
RETURNING c.lease_epoch
