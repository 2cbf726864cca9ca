-- Channels of a project by name, or the one named.
SELECT
    channel,
    after_xid::text AS xid,
    after_no AS event_no,
    lease_epoch,
    holder,
    leased_until,
    moved_at
FROM channels
WHERE project_id = %(project_id)s AND (%(channel)s::text IS NULL OR channel = %(channel)s)
ORDER BY channel
LIMIT 500
