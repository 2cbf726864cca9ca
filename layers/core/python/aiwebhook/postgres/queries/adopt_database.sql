-- Makes a restored database independent: every counter continues above any value that the database
-- it was copied from, or that continued beside it, can have used since. That is the clock in
-- microseconds: no counter has ever been incremented once a microsecond. For the `seq` of sessions
-- milliseconds suffice. Runs after hold_writers, in one transaction.
-- A mark that was never written raises nothing, unless an event shows that its number was assigned
-- by an older cluster than this.
WITH
-- include this_database,
last_event AS MATERIALIZED (
    SELECT coalesce(max(l.xid), 0) AS xid
    FROM projects p
    CROSS JOIN
        LATERAL (
            SELECT e.xid::text::bigint AS xid
            FROM events e
            WHERE e.project_id = p.project_id
            ORDER BY e.xid DESC
            LIMIT 1
        ) l
),
present AS MATERIALIZED (
    SELECT
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_xid,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid,
        pg_sequence_last_value('feed_base') AS base,
        (extract(EPOCH FROM clock_timestamp()) * 1000000)::bigint AS clock
),
raised AS MATERIALIZED (
    SELECT
        p.oldest_xid,
        p.clock,
        l.xid AS last_xid,
        greatest(p.clock, p.base + p.oldest_xid, l.xid + 1) AS resumes_at
    FROM present p, last_event l, this_database t, database_mark m
    WHERE m.system_identifier IS NOT NULL OR l.xid >= p.base + p.next_xid
),
counters AS MATERIALIZED (
    SELECT
        setval(
            format('%%I.%%I', s.schemaname, s.sequencename)::regclass,
            greatest(s.last_value, CASE
                WHEN s.sequencename = 'feed_base' THEN r.resumes_at - r.oldest_xid
                WHEN s.sequencename = 'session_base' THEN r.clock / 1000
                -- Before the "post" migrations epochs have four bytes.
                WHEN
                    s.sequencename = 'lease_epochs'
                    AND EXISTS (
                        SELECT
                        FROM pg_attribute a
                        WHERE a.attrelid = 'tasks'::regclass
                            AND a.attname = 'lease_epoch'
                            AND a.atttypid = 'integer'::regtype
                    )
                    THEN r.clock / 1000000
                ELSE r.clock
            END)
        ) AS value
    FROM pg_sequences s, raised r
    WHERE s.schemaname = current_schema()
),
sessions_raised AS (
    UPDATE sessions s
    SET last_seq = greatest(s.last_seq, r.clock / 1000)
    FROM raised r
),
break AS (
    INSERT INTO feed_breaks (after_xid, resumes_at)
    SELECT last_xid::text::xid8, resumes_at::text::xid8
    FROM raised
),
mark AS (
    UPDATE database_mark m
    SET
        system_identifier = t.system_identifier,
        timeline = t.timeline,
        written_by = pg_current_xact_id()
    FROM this_database t
)
SELECT count(*) > 0 AS raised FROM counters
