-- Claim a channel, or renew the lease on it; a new one, or one that is rewound, starts at the given
-- position. Guard: no other client holds it. A client that returns after its lease ended gets a new
-- epoch, because another may have moved the channel meanwhile. No row: another client holds it.
INSERT INTO channels AS c (project_id, channel, after_xid, after_no, holder, leased_until)
VALUES (
    %(project_id)s, %(channel)s, %(after_xid)s::text::xid8, %(after_no)s, %(holder)s,
    now() + make_interval(secs => %(lease_s)s)
)
ON CONFLICT (project_id, channel) DO UPDATE
    SET
        lease_epoch = c.lease_epoch
        + CASE WHEN c.holder = excluded.holder AND c.leased_until > now() THEN 0 ELSE 1 END,
        holder = excluded.holder,
        leased_until = excluded.leased_until,
        after_xid = CASE WHEN %(rewind)s THEN excluded.after_xid ELSE c.after_xid END,
        after_no = CASE WHEN %(rewind)s THEN excluded.after_no ELSE c.after_no END
    WHERE c.holder = excluded.holder OR c.leased_until <= now()
RETURNING
    channel,
    after_xid::text AS xid,
    after_no AS event_no,
    lease_epoch,
    holder,
    leased_until,
    moved_at
