-- Record the position of a walk of retention; without a marker it is finished.
INSERT INTO retention_walks AS w (project_id, kind, marker)
VALUES (%(project_id)s, %(kind)s, %(marker)s::jsonb)
ON CONFLICT (project_id, kind) DO UPDATE
    SET
        marker = excluded.marker,
        began_at = CASE WHEN w.marker IS NULL THEN excluded.began_at ELSE w.began_at END
