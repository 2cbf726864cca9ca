-- Store a client that registers itself. No row: there are already too many.
INSERT INTO oauth_clients (client_id, name, redirect_uris)
SELECT %(client_id)s, %(name)s, %(redirect_uris)s
WHERE (SELECT count(*) FROM oauth_clients) < %(most)s
RETURNING client_id, name, redirect_uris
