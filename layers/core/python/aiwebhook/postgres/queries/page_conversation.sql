-- A page of conversation from one seq on, backwards or forwards. Only one half ever runs. Content
-- in the blob store is referenced, not fetched.
(
    SELECT
        chunk_id, seq, content, content_sha256, size, format, start_time, end_time, participants,
        created_at
    FROM conversation_chunks
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND seq <= %(from_seq)s
        AND %(newest_first)s
    ORDER BY seq DESC
    LIMIT %(limit)s
)
UNION ALL
(
    SELECT
        chunk_id, seq, content, content_sha256, size, format, start_time, end_time, participants,
        created_at
    FROM conversation_chunks
    WHERE project_id = %(project_id)s
        AND session_id = %(session_id)s
        AND seq >= %(from_seq)s
        AND NOT %(newest_first)s
    ORDER BY seq
    LIMIT %(limit)s
)
