-- Store the connection a person has just allowed, with an audit entry; its code can be exchanged
-- once.
WITH client AS (
    UPDATE oauth_clients
    SET used_at = now()
    WHERE client_id = %(client_id)s
), connection AS (
    INSERT INTO connections (
        connection_id,
        project_id,
        person_id,
        client_id,
        client_name,
        client_host,
        scopes,
        resource,
        redirect_uri,
        code_challenge, code_hash, code_expires_at
    )
    SELECT
        %(connection_id)s,
        project_id,
        person_id,
        %(client_id)s,
        %(client_name)s,
        %(client_host)s,
        %(scopes)s,
        %(resource)s, %(redirect_uri)s, %(code_challenge)s, %(code_hash)s,
        now() + make_interval(secs => %(code_s)s)
    FROM people
    WHERE person_id = %(person_id)s
    RETURNING project_id, person_id, connection_id, client_name, scopes
)
INSERT INTO audit_log (project_id, actor, action, subject, data)
SELECT
    project_id, person_id, 'connection.allowed', connection_id,
    jsonb_build_object('client', client_name, 'scopes', scopes)
FROM connection
