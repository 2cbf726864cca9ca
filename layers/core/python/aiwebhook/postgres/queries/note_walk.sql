-- Where a walk of retention stands; without a marker it is at its end.
INSERT INTO retention_walks AS w (project_id, kind, marker)
VALUES (%(project_id)s, %(kind)s, %(marker)s::jsonb)
ON CONFLICT (project_id, kind) DO UPDATE
    SET
        marker = excluded.marker,
        began_at = CASE WHEN w.marker IS NULL THEN excluded.began_at ELSE w.began_at END
