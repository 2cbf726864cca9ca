-- Which of these blobs a row refers to, by their index in the arrays.
SELECT b.place
FROM unnest(%(folders)s::text[], %(project_ids)s::text[], %(sha256s)s::bytea[])
    WITH ORDINALITY AS b (folder, project_id, sha256, place)
WHERE CASE
        WHEN b.folder = 'checkpoints'
            THEN EXISTS (
                    SELECT FROM task_checkpoints c
                    WHERE c.project_id = b.project_id AND c.content_sha256 = b.sha256
                )
        ELSE EXISTS (
                SELECT
                FROM artifacts a
                WHERE a.project_id = b.project_id AND a.content_sha256 = b.sha256
            )
            OR EXISTS (
                SELECT FROM conversation_chunks c
                WHERE c.project_id = b.project_id AND c.content_sha256 = b.sha256
            )
            OR EXISTS (
                SELECT FROM inbound_deliveries d
                WHERE d.project_id = b.project_id AND d.body_sha256 = b.sha256
                    AND d.body IS NULL
                    AND NOT d.body_pruned
            )
    END
