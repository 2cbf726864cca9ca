-- Where a reader starts who wants only what comes: every later event has an xid not below this one.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid, 0::bigint AS event_no
