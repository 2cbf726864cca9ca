-- The conversation of a running task's session in its order, a page at a time.
SELECT
    c.chunk_id, c.seq, c.content, c.content_sha256, c.format, c.participants, c.start_time,
    c.start_offset_s
FROM tasks t
JOIN conversation_chunks c ON c.project_id = t.project_id AND c.session_id = t.session_id
WHERE t.project_id = %(project_id)s
    AND t.task_id = %(task_id)s
    AND t.lease_epoch = %(lease_epoch)s
    AND t.status = 'running'
    AND c.seq > %(after)s
ORDER BY c.seq
LIMIT %(limit)s
