-- The migrations that have been applied to this database.
SELECT version, checksum FROM schema_migrations
