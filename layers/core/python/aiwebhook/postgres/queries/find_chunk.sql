-- One piece of conversation.
SELECT chunk_id, seq, content, content_sha256, size, format
FROM conversation_chunks
WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND chunk_id = %(chunk_id)s
