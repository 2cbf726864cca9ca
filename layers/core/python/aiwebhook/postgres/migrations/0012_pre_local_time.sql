-- What "ten o'clock" and "today" mean: a session's zone, and the offset a time was said in.

ALTER TABLE sessions ADD COLUMN time_zone text;
ALTER TABLE conversation_chunks ADD COLUMN start_offset_s integer;
