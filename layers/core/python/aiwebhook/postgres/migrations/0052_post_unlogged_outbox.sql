-- What an event of the log says need not be in the WAL twice: after a crash of the server the outbox is
-- filled again from the log (refill_outbox.sql), which the release before cannot.
ALTER TABLE outbox SET UNLOGGED;
-- Its numbers go on, or a writer that comes back would take another's row for his.
ALTER TABLE outbox_outbox_id_seq SET LOGGED;

-- A count that is lost is counted anew.
ALTER TABLE lease_counts SET UNLOGGED;
