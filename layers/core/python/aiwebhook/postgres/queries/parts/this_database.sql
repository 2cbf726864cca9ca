-- Identifies this database. No row on a standby, which writes nothing.
-- Gives  this_database(system_identifier, timeline)
this_database AS MATERIALIZED (
    SELECT c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
    FROM pg_control_system() c
    WHERE NOT pg_is_in_recovery()
)
