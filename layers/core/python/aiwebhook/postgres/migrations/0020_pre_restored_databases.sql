-- A database that was restored goes on counting above every number that it may have given out
-- before (docs/adr/0016-feeds-survive-a-restore.md). Events of now keep the transaction ids they
-- have: until the first restore the base is 0.

CREATE SEQUENCE feed_base MINVALUE 0;
SELECT setval('feed_base', 0);

CREATE SEQUENCE session_base MINVALUE 0;
SELECT setval('session_base', 0);

CREATE TABLE database_mark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    system_identifier bigint,
    timeline text,
    written_by xid8
);
INSERT INTO database_mark (system_identifier, timeline, written_by)
SELECT c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_current_xact_id()
FROM pg_control_system() c
WHERE NOT EXISTS (SELECT FROM events);
INSERT INTO database_mark DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE TABLE feed_breaks (
    after_xid xid8 NOT NULL,
    resumes_at xid8 NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE events ALTER COLUMN xid
SET DEFAULT (pg_current_xact_id()::text::bigint + pg_sequence_last_value('feed_base'))::text::xid8;
