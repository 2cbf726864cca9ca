-- Forget a channel: whoever listens on it again begins anew.
DELETE FROM channels WHERE project_id = %(project_id)s AND channel = %(channel)s
