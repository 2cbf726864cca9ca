-- The position of a reader that wants only future events: every later event has an xid not below
-- it.
WITH
-- include feed
SELECT ends_at::text AS xid, 0::bigint AS event_no FROM feed
