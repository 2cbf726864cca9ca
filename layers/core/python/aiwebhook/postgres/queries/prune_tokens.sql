-- Remove expired tokens.
WITH access AS (
    DELETE FROM access_tokens
    WHERE ctid
        = ANY(
            ARRAY(SELECT a.ctid FROM access_tokens AS a WHERE a.expires_at < now() LIMIT %(limit)s)
        )
)
DELETE FROM refresh_tokens
WHERE ctid
    = ANY(ARRAY(SELECT r.ctid FROM refresh_tokens AS r WHERE r.expires_at < now() LIMIT %(limit)s))
