-- Record that an address has passed its challenge.
INSERT INTO callback_verifications (project_id, principal, url_sha256)
VALUES (%(project_id)s, %(principal)s, %(url_sha256)s)
ON CONFLICT (project_id, principal, url_sha256) DO UPDATE SET verified_at = now()
