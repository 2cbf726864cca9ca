-- How many of its own events an attempt has told, so that telling them again changes nothing.

ALTER TABLE task_attempts ADD COLUMN events_told bigint NOT NULL DEFAULT 0;
