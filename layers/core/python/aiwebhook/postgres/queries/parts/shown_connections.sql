-- Connections as people see them: whose, when last used, until when.
-- Needs  connection: rows of connections
-- Gives  shown_connections
shown_connections AS (
    SELECT
        c.connection_id,
        c.person_id,
        p.name AS person,
        c.client_id,
        c.client_name,
        c.client_host,
        c.scopes,
        b.refilled_at AS last_used_at,
        (SELECT max(t.expires_at) FROM refresh_tokens AS t WHERE t.connection_id = c.connection_id
        ) AS expires_at,
        c.revoked_at,
        c.revoked_reason,
        c.created_at
    FROM connection AS c
    JOIN people AS p ON p.person_id = c.person_id
    LEFT JOIN rate_buckets AS b ON b.key_id = c.connection_id
)
