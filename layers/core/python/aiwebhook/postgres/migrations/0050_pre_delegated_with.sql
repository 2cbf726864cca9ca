-- What a task costs is counted to the key, or the connection, that delegated it.
ALTER TABLE task_payloads ADD COLUMN delegated_with text;
