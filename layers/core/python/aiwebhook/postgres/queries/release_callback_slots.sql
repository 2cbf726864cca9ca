-- Gives back every slot of this connection: the notifier takes no other session-level lock.
SELECT pg_advisory_unlock_all() IS NULL AS released
