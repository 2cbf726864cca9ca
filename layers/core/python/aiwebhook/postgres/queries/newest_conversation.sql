-- The newest conversation of a session, oldest of it first. Content in the blob store is only
-- referenced.
SELECT c.seq, c.content, c.content_sha256, c.size, c.participants, c.created_at
FROM (
    SELECT seq, content, content_sha256, size, participants, created_at
    FROM conversation_chunks
    WHERE project_id = %(project_id)s AND session_id = %(session_id)s
    ORDER BY seq DESC
    LIMIT %(limit)s
) AS c
ORDER BY c.seq
