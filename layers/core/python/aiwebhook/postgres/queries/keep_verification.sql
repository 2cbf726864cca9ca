-- An address has shown that it wants what is sent to it.
INSERT INTO callback_verifications (project_id, principal, url_sha256)
VALUES (%(project_id)s, %(principal)s, %(url_sha256)s)
ON CONFLICT (project_id, principal, url_sha256) DO UPDATE SET verified_at = now()
