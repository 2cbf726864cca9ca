-- Lock out other restore checks, and every writer that numbers events.
LOCK TABLE database_mark, events, sessions IN SHARE ROW EXCLUSIVE MODE
