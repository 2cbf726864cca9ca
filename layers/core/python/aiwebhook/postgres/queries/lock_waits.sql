-- One grant at a time per function, until the end of the transaction. A statement of its own: the
-- grant must count the others in a snapshot taken after the lock was got, or two requests get the
-- last one.
SELECT pg_advisory_xact_lock(hashtextextended(%(function)s, 8))
