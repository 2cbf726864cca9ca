-- The current version of a memory.
SELECT key, type, content, tags, version, source, created_at
FROM memories
WHERE project_id = %(project_id)s AND session_id = %(session_id)s AND key = %(key)s AND current
