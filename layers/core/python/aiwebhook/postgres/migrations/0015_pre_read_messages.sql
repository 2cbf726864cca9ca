-- How far the runs of a task have read its follow-ups: what stays unread when it ends is told. Null:
-- none; of a task that is under way now, what its run has read already counts as unread, should
-- nobody but the server end it.

ALTER TABLE tasks ADD COLUMN read_message_no bigint;
