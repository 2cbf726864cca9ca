-- Where a reader starts who wants only what comes: every later event has an xid not below this one.
WITH
-- include feed
SELECT ends_at::text AS xid, 0::bigint AS event_no FROM feed
