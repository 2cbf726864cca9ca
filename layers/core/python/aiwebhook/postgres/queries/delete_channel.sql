-- Delete a channel: a client that claims it again starts a new one.
DELETE FROM channels WHERE project_id = %(project_id)s AND channel = %(channel)s
