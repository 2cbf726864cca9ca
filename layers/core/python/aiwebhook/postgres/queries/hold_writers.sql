-- One at a time finds out that the database was restored, and nobody numbers events meanwhile.
LOCK TABLE database_mark, events, sessions IN SHARE ROW EXCLUSIVE MODE
