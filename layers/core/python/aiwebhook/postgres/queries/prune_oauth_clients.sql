-- Clients that registered themselves and got no connection within a day, or have had none for 90
-- days.
DELETE FROM oauth_clients
WHERE ctid = ANY(ARRAY(
        SELECT o.ctid
        FROM oauth_clients AS o
        WHERE coalesce(o.used_at + interval '89 days', o.created_at) < now() - interval '1 day'
            AND NOT EXISTS (SELECT FROM connections AS c WHERE c.client_id = o.client_id)
        LIMIT %(limit)s
    ))
