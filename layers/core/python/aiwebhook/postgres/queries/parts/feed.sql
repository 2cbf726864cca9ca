-- Where the projects' logs end: behind every transaction still in flight.
-- Gives  feed(ends_at)
feed AS MATERIALIZED (
    SELECT (
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        + pg_sequence_last_value('feed_base')
    )::text::xid8 AS ends_at
)
