-- Everything that precedes this place in the logs has left the outbox. Moved by each sweep: from
-- here the outbox is filled again after a crash of the server.
CREATE TABLE outbox_progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pushed_before xid8 NOT NULL
);
-- Before everything that is in the outbox now, or is being written.
INSERT INTO outbox_progress (pushed_before)
SELECT
    least(
        (
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            + pg_sequence_last_value('feed_base')
        )::text::xid8,
        (
            SELECT e.xid
            FROM outbox o
            JOIN events e ON e.event_no = o.event_no
            ORDER BY e.xid
            LIMIT 1
        )
    );

-- One row, as long as no crash has emptied the outbox: both are unlogged.
CREATE UNLOGGED TABLE outbox_witness (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO outbox_witness DEFAULT VALUES;
