-- What has been applied to this database.
SELECT version, checksum FROM schema_migrations
