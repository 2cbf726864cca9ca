-- Set the next secret; the previous one is also accepted for %(overlap_s)s seconds. Guard: no
-- rotation is under way, because at most two secrets are live and the sender may still sign with
-- the older one.
WITH source AS (
    UPDATE sources
    SET
        previous_box = secret_box,
        previous_until = CASE
            WHEN secret_box IS NOT NULL THEN now() + make_interval(secs => %(overlap_s)s)
        END,
        secret_box = %(secret_box)s
    WHERE project_id = %(project_id)s
        AND source_id = %(source_id)s
        AND (previous_until IS NULL OR previous_until <= now())
    RETURNING *
),
audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'source.rotated', source_id
    FROM source
),
-- include shown_source
SELECT * FROM shown_source
