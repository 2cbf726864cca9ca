-- One session, with the fingerprint of its create command.
SELECT
    session_id, title, participants, context, metadata, status, fingerprint, last_seq, time_zone
FROM sessions
WHERE project_id = %(project_id)s AND session_id = %(session_id)s
