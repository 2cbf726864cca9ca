-- One client that registered itself.
SELECT client_id, name, redirect_uris
FROM oauth_clients
WHERE client_id = %(client_id)s
