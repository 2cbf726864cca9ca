-- Conversation of a session, oldest first. Content in the blob store is referenced, not fetched.
SELECT
    chunk_id, seq, content, encode(content_sha256, 'hex') AS content_sha256, size, format,
    start_time, end_time, participants, extracted_items, metadata, created_at
FROM conversation_chunks
WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND seq > %(after_seq)s
ORDER BY seq
LIMIT %(limit)s
